"""One module per way to run a model; each is imported only when chosen."""

import importlib
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from actions.errors import UsageError
from model.engine import Engine
from model.profile import Profile


class EngineOptions(BaseModel):
    """The user's options for an engine."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    weights: str | None = None
    """Weights to use instead of the profile's: a folder or a Hugging Face id."""
    quantize: Literal[8, 4] | None = None
    """Bits per weight of the local engine's language model; not quantised by default."""
    server: str | None = None
    """The base URL of an OpenAI-compatible server, such as http://127.0.0.1:8000/v1."""
    served_model: str | None = None
    """The model's name on the server; by default the only one that it lists."""
    api_key_file: Path | None = None
    """A file with the server's API key; by default the environment's OPENAI_API_KEY."""
    server_wait_s: float | None = Field(default=None, ge=0, le=1e6)
    """How long to wait for an unreachable server; by default ten minutes once it has answered."""
    timeout_s: float = Field(default=120.0, gt=0, le=1e6)
    """The deadline of a request."""
    allow_server_resize: bool = False
    replies: Path | None = None
    """The file of a scripted engine's replies."""


def names() -> list[str]:
    """The names of the engines."""
    here = Path(__file__).parent
    modules = {path.stem for path in here.glob("*.py")} - {"__init__"}
    return sorted(modules | {path.parent.name for path in here.glob("*/engine.py")})


def connect(name: str, profile: Profile, options: EngineOptions) -> Engine:
    """Starts the engine of that name for a profile.

    Raises:
        UsageError: there is no such engine, or it lacks a package or an option.
        EngineFailure: it cannot start: no weights, no memory, no server.
    """
    if name not in names():
        raise UsageError(f"There is no engine {name!r}. The engines are: {', '.join(names())}.")
    file = "engine" if (Path(__file__).parent / name).is_dir() else ""
    module_name = ".".join(filter(None, (__package__, name, file)))
    try:
        module = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        raise UsageError(
            f"The {name} engine needs the package {error.name!r}. Install it with: pip install '.[{name}]'"
        ) from error
    engine: Engine = module.connect(profile, options)
    return engine
