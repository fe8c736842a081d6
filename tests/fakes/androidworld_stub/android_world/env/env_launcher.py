"""Hands out the environment that a test has put here."""

from typing import Any

environment: Any = None


def load_and_setup_env(console_port: int, grpc_port: int, adb_path: str) -> Any:
    assert adb_path
    if environment is None:
        raise RuntimeError(f"Failed to connect to the emulator on {grpc_port}.")
    return environment
