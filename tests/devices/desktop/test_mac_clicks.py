"""What is posted to macOS for clicks, at the edge of its Quartz functions, which a Mac alone has."""

import pytest

from actions.mouse import MainButton
from devices.desktop import mac_clicks
from devices.desktop.monitors import Place


class QuartzDouble:
    """Keeps the events that are posted. The constants are those of CGEventTypes.h."""

    kCGMouseButtonLeft, kCGMouseButtonRight, kCGMouseButtonCenter = 0, 1, 2
    kCGEventLeftMouseDown, kCGEventLeftMouseUp = 1, 2
    kCGEventRightMouseDown, kCGEventRightMouseUp = 3, 4
    kCGEventOtherMouseDown, kCGEventOtherMouseUp = 25, 26
    kCGMouseEventClickState, kCGHIDEventTap = 1, 0

    def __init__(self) -> None:
        self.posted: list[dict[str, object]] = []

    def CGEventCreateMouseEvent(self, source: None, kind: int, at: tuple[int, int], button: int) -> dict[str, object]:
        return {"kind": kind, "at": at, "button": button}

    def CGEventSetIntegerValueField(self, event: dict[str, object], field: int, value: int) -> None:
        assert field == self.kCGMouseEventClickState
        event["clicks"] = value

    def CGEventPost(self, tap: int, event: dict[str, object]) -> None:
        assert tap == self.kCGHIDEventTap
        self.posted.append(event)


@pytest.mark.parametrize(
    ("button", "count", "number", "kinds"),
    [("left", 1, 0, (1, 2)), ("left", 3, 0, (1, 2)), ("right", 1, 1, (3, 4)), ("middle", 2, 2, (25, 26))],
)
def test_each_event_says_how_many_clicks_it_ends(
    button: MainButton, count: int, number: int, kinds: tuple[int, int]
) -> None:
    quartz = QuartzDouble()
    mac_clicks.click(quartz, Place(-5, 7), button, count)
    assert quartz.posted == [
        {"kind": kind, "at": (-5, 7), "button": number, "clicks": which}
        for which in range(1, count + 1)
        for kind in kinds
    ]
