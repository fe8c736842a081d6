"""What an agent's step returns."""

from dataclasses import dataclass
from typing import Any


@dataclass
class AgentInteractionResult:
    """Whether the agent is done, and its data about the step."""

    done: bool
    data: dict[str, Any]
