"""AndroidWorld's `AsyncEnv` on SimPhone: its actions are done through the real adb program."""

import io
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tests.devices.simphone.driver import Phone

KEYS = {"navigate_home": "KEYCODE_HOME", "navigate_back": "KEYCODE_BACK", "keyboard_enter": "KEYCODE_ENTER"}
PACKAGES = {"Settings": "settings", "Maps": "maps"}


@dataclass
class State:
    """What an agent gets to see."""

    pixels: NDArray[np.uint8]


@dataclass
class SimPhoneEnv:
    """The environment; `done` lists the types of the actions that were executed, resets and initialised tasks."""

    controller: Phone
    interaction_cache: str = ""
    done: list[str] = field(default_factory=list)
    closed: bool = False

    @property
    def logical_screen_size(self) -> tuple[int, int]:
        return 1080, 2400

    def reset(self, go_home: bool = False) -> State:
        self.interaction_cache = ""
        self.done.append(f"reset {go_home}")
        if go_home:
            self.controller.shell("input keyevent KEYCODE_HOME")
        return self.get_state()

    def get_state(self, wait_to_stabilize: bool = False) -> State:
        png = self.controller.adb("exec-out", "screencap", "-p").stdout
        return State(np.asarray(Image.open(io.BytesIO(png)).convert("RGB")))

    def execute_action(self, action: Any) -> None:
        self.done.append(action.action_type)
        match action.action_type:
            case "click":
                self.controller.shell(f"input tap {action.x} {action.y}")
            case "double_tap":
                self.controller.shell(f"input tap {action.x} {action.y}; input tap {action.x} {action.y}")
            case "long_press":
                self.controller.shell(f"input swipe {action.x} {action.y} {action.x} {action.y} 1000")
            case "input_text":
                self.controller.shell(f"input text {action.text.replace(' ', '%s')}; input keyevent 66")
            case "open_app":
                self.controller.open(PACKAGES[action.app_name])
            case "answer":
                self.interaction_cache = action.text
            case "status":
                pass
            case kind:
                self.controller.shell(f"input keyevent {KEYS[kind]}")

    def close(self) -> None:
        self.closed = True
