"""What a model expects (profiles) and what runs it (engines). Knows no device, no action and no episode."""
