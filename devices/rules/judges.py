"""Judges for the command line's short forms: `--app` and `--confirm`."""

from collections.abc import Sequence

from devices.rules.places import Deed, Judge
from devices.rules.policy import is_one_of
from devices.rules.verdict import Decision, Verdict


def only_apps(apps: Sequence[str]) -> Judge:
    """Asks about whatever is done in another app. What is done in none, as with the Home button, is allowed."""

    def judge(deed: Deed) -> tuple[Verdict, ...]:
        place = deed.place
        if is_one_of(place.app, apps) or not (place.app or place.unread):
            return ()
        there = f"this is {place.app}" if place.app else place.unread
        return (Verdict(Decision.ASK, f"only {', '.join(apps)} may be used without asking, and {there}"),)

    return judge


def confirming(deed: Deed) -> tuple[Verdict, ...]:
    """Asks about everything."""
    return (Verdict(Decision.ASK, "--confirm asks before every action"),)
