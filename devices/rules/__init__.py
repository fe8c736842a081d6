"""What may be done: verdicts of rules, and the places that actions touch. Nothing here acts on a device."""
