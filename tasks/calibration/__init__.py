"""Whether points land where they were meant, measured on the device itself."""
