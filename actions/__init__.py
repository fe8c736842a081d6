"""What can be done: geometry, errors, calls, actions and action spaces. Imports nothing else of ours."""
