"""The agent: the loop, the policy that asks a model, what it remembers, and what is recorded of it."""
