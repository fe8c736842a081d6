"""`JSONAction` with the checks of the original."""

from dataclasses import dataclass

TYPES = {
    "click", "double_tap", "scroll", "swipe", "input_text", "navigate_home", "navigate_back", "keyboard_enter",
    "open_app", "status", "wait", "long_press", "answer", "unknown",
}  # fmt: skip


@dataclass
class JSONAction:
    """One action; a field that it does not have is refused."""

    action_type: str | None = None
    index: int | None = None
    x: int | None = None
    y: int | None = None
    text: str | None = None
    direction: str | None = None
    goal_status: str | None = None
    app_name: str | None = None
    keycode: str | None = None
    clear_text: bool | None = None

    def __post_init__(self) -> None:
        if self.action_type not in TYPES:
            raise ValueError(f"Invalid action type: {self.action_type}")
        if self.index is not None and (self.x is not None or self.y is not None):
            raise ValueError("Either an index or a <x, y> should be provided.")
