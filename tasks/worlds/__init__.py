"""The environments of tasks: our own site and its server, virtual screens, phones, games and painted pictures."""
