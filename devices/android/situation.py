"""What stands before the apps of a phone, by the word of its window manager: a lock, or a question of the system."""

import re

from devices.android.connection import Connection

_LOCKED = re.compile(r"\b(mIsShowing|mShowingLockscreen|mDreamingLockscreen|isStatusBarKeyguard)=true")
"""KeyguardStateMonitor since Android 7, and what older and some makers' systems say instead."""
_ASKED = re.compile(
    r"mCurrentFocus=Window\{\S+ \S+ [\w.]*(?:permissioncontroller|packageinstaller)/\S*GrantPermissions"
)
_ILL = re.compile(r"mCurrentFocus=Window\{\S+ \S+ (Application Not Responding|Application Error): ([\w.]+)")


def situation(phone: Connection) -> str:
    """In words for a model; empty where an app is in front as usual."""
    told = phone.read("dumpsys", "window")
    if _LOCKED.search(told):
        return (
            "The phone is locked. A swipe up opens it, unless it then asks for a PIN, a pattern or a fingerprint: only "
            "its owner can give that."
        )
    if _ASKED.search(told):
        return "The system asks whether an app may have a permission. Allow only what the task needs."
    if found := _ILL.search(told):
        return f"The system says that the app {found[2]} {_ILLS[found[1]]}."
    return ""


_ILLS = {"Application Not Responding": "does not respond", "Application Error": "has crashed"}


def why_black(phone: Connection) -> str:
    """Why a picture shows nothing: reasons that a model can do something about."""
    if "mHoldingDisplaySuspendBlocker=false" in phone.read("dumpsys", "power"):
        return "The screenshot is black because the screen is off. Press a button to wake it."
    if "SECURE" in phone.read("dumpsys", "window", "windows"):
        return "The screenshot is black because this app forbids screenshots. Go back."
    return "The screenshot is black."


def display_size(phone: Connection) -> tuple[int, int] | None:
    """The size of the display that takes the input, as it is turned now; a phone may list others before it."""
    told = phone.read("dumpsys", "window", "displays")
    for part in re.split(r"(?=Display: mDisplayId=)", told):
        found = re.search(r"\bcur=(\d+)x(\d+)", part)
        if found and ("mDisplayId=0" in part or "mDisplayId=" not in told):
            return int(found[1]), int(found[2])
    return None
