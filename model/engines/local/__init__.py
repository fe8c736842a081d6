"""Qwen2.5-VL in this process: exact, and computing only what a prompt adds to what was computed before."""
