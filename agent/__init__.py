"""The agent: the loop, the policy that asks a model, its memory, and the record of a run."""
