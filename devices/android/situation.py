"""What covers the apps of a phone, as its window manager reports: the lock screen or a system dialog."""

import re
from typing import NamedTuple

from devices.android.connection import Connection

_LOCKED = re.compile(r"\b(mIsShowing|mShowingLockscreen|mDreamingLockscreen|isStatusBarKeyguard)=true")
"""KeyguardStateMonitor since Android 7, and the wording of older systems and of some makers."""
_ASKED = re.compile(
    r"mCurrentFocus=Window\{\S+ \S+ [\w.]*(?:permissioncontroller|packageinstaller)/\S*GrantPermissions"
)
_ILL = re.compile(r"mCurrentFocus=Window\{\S+ \S+ (Application Not Responding|Application Error): ([\w.]+)")


_FOCUSED_APP = re.compile(r"mFocusedApp=.*?([\w.]+)/[\w.$]+")


class Situation(NamedTuple):
    """What the phone shows."""

    covered: str
    """A sentence for the model; empty if an app is in front as usual."""
    app: str
    """The package of the app in front, or under what covers it; empty if the phone does not say."""


def situation(phone: Connection) -> Situation:
    """What the phone's window manager reports."""
    report = phone.read("dumpsys", "window")
    app = _FOCUSED_APP.search(report)
    return Situation(_covered(report), app[1] if app else "")


def _covered(report: str) -> str:
    if _LOCKED.search(report):
        return (
            "The phone is locked. A swipe up opens it, unless it then asks for a PIN, a pattern or a fingerprint: only "
            "its owner can give that."
        )
    if _ASKED.search(report):
        return "The system asks whether an app may have a permission. Allow only what the task needs."
    if found := _ILL.search(report):
        return f"The system's dialog says that the app {found[2]} {_ILLS[found[1]]}."
    return ""


_ILLS = {
    "Application Not Responding": "does not respond. Its Wait gives it time; Close app ends it for OpenApp to start it",
    "Application Error": "has stopped. Close the dialog; OpenApp starts the app again",
}


def why_black(phone: Connection) -> str:
    """Why a screenshot is black, with a remedy for the model where there is one."""
    if "mHoldingDisplaySuspendBlocker=false" in phone.read("dumpsys", "power"):
        return "The screenshot is black because the screen is off. Press a button to wake it."
    if "SECURE" in phone.read("dumpsys", "window", "windows"):
        return "The screenshot is black because this app forbids screenshots. Go back."
    return "The screenshot is black."


def display_size(phone: Connection) -> tuple[int, int] | None:
    """The size of the display that takes the input, in its current rotation; a phone may list others before it."""
    listing = phone.read("dumpsys", "window", "displays")
    for part in re.split(r"(?=Display: mDisplayId=)", listing):
        found = re.search(r"\bcur=(\d+)x(\d+)", part)
        if found and ("mDisplayId=0" in part or "mDisplayId=" not in listing):
            return int(found[1]), int(found[2])
    return None
