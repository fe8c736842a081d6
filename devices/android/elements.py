"""The elements on a phone's screen, from `uiautomator dump`."""

from collections.abc import Iterator
from xml.etree import ElementTree

from actions.errors import DeviceFailure
from devices.android.connection import READ_S, Connection


def elements(phone: Connection, patience_s: float = READ_S) -> Iterator[ElementTree.Element]:
    """Each element with Android's attributes, from the top of the tree.

    Raises:
        ValueError: the phone reports no tree, for example while something moves on its screen. DeviceFailure: it is
        lost, or exceeds the patience.
    """
    dump = phone.read("uiautomator", "dump", "/dev/tty", patience_s=patience_s).rpartition("UI hierchary")[0]
    try:
        return ElementTree.fromstring(dump[dump.find("<?xml") :]).iter("node")
    except ElementTree.ParseError as error:
        raise ValueError(f"no tree of elements: {dump[:200].strip() or 'nothing'}") from error


def focused_text(phone: Connection, patience_s: float) -> str | None:
    """The text of the focused field; None if there is no such field or it cannot be read.

    An empty field reports its hint as its text. A password field cannot be read.
    """
    try:
        field = next((node for node in elements(phone, patience_s) if node.get("focused") == "true"), None)
    except (ValueError, DeviceFailure):  # for example a video is playing; the next look shows whether the phone is lost
        return None
    if field is None or field.get("password") == "true" or not is_field(field):
        return None
    text = field.get("text", "")
    return "" if text == field.get("hint") else text


def is_field(node: ElementTree.Element) -> bool:
    """Whether an element takes text."""
    return node.get("class", "").endswith("EditText") and node.get("enabled") != "false"
