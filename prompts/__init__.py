"""The words a model reads and the ways calls are written. Knows no engine and no device."""
