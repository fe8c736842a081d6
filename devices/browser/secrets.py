"""Secrets in a page: typed into the focused field of a frame of their host, and found where the page shows them."""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from playwright.async_api import Error
from pydantic import BaseModel, ConfigDict

from actions.errors import ActionRefused, UsageError
from actions.geometry import Box, Size
from actions.secrets import ANY_CASE, Secret, Secrets, beginning
from devices.browser.dialogs import OpenDialog
from devices.browser.tab import HURRY_S, Tab
from devices.browser.worlds import World, frames
from devices.rules.sites import Site, endpoint

ASK_S = 2.0
AROUND_PX = 2
"""How much more is covered on each side: letters reach beyond their rectangle."""
_TYPING = Path(__file__).with_name("typing_secret.js").read_text(encoding="utf-8")
_SHOWING = Path(__file__).with_name("showing.js").read_text(encoding="utf-8")


class Field(BaseModel):
    """The focused field, from typing_secret.js."""

    model_config = ConfigDict(strict=True)

    origin: str
    """The origin of its frame; `null` for one that has none, such as a `data:` page."""
    sends: list[str]
    """The origins to which its form sends it, where the form names them."""
    password: bool
    takes: bool
    """Whether text can be typed into it."""
    typed: bool
    whole: bool
    """Whether it holds the whole value after that."""


async def type_secret(tab: Tab, secret: Secret) -> str:
    """Types the value into the focused field; returns a report.

    The frame checks its origin and its focus in the same task in which it types, and no other frame gets the value.

    Raises:
        ActionRefused: no field has the focus, or it is not one for this secret. Nothing was typed.
    """
    async with frames(tab, tab.patience_s) as worlds:
        world, field = await _focused(tab, worlds)
        _require(secret, field)
        given = {"value": secret.value, "origin": field.origin, "password": secret.into_password}
        answer = await tab.ask(world.ask(_TYPING, given), tab.patience_s)
    if answer is None:
        return f"The page does not answer, so it is not known whether {secret} was typed."
    done = Field.model_validate(answer)
    if not done.typed:
        raise ActionRefused(f"The focus moved meanwhile, so {secret} was not typed. Click its field again.")
    return f"{secret} was typed." if done.whole else f"{secret} was typed, and the field did not take it as it is."


def _require(secret: Secret, field: Field) -> None:
    """Raises ActionRefused unless this field may get the secret."""
    site = read_site(secret)
    if not _is_at(site, field.origin):
        here = "a page without a site" if field.origin == "null" else field.origin
        raise ActionRefused(f"{secret} is for {secret.place}, and the focus is in {here}. It was not typed.")
    if not field.takes:
        raise ActionRefused(f"No field that takes text has the focus, so {secret} was not typed. Click one first.")
    if away := next((origin for origin in field.sends if not _is_at(site, origin)), None):
        raise ActionRefused(f"{secret} is for {secret.place}, and this form sends it to {away}. It was not typed.")
    if secret.into_password and not field.password:
        raise ActionRefused(f"{secret} is typed only into a password field, and another field has the focus.")


async def _focused(tab: Tab, worlds: Sequence[World]) -> tuple[World, Field]:
    """The frame with the focus, and its field. Raises ActionRefused without one."""
    for world in reversed(worlds):
        answer = await tab.ask(world.ask(_TYPING), tab.patience_s)
        if answer is not None:
            return world, Field.model_validate(answer)
    raise ActionRefused("No field has the focus, so no secret was typed. Click its field first.")


async def showing(tab: Tab, secrets: Secrets) -> list[Box] | None:
    """Where a page shows the value of a secret, in input pixels; None if that cannot be found out now.

    A frame within the page that shows one, or does not answer, is covered as a whole.
    """
    texts = [text for secret in secrets for text in (secret.value, beginning(secret.value))]
    async with frames(tab) as worlds:
        if not worlds:
            return None
        found: list[Box] = []
        for world in worlds:
            answer = await tab.ask(world.ask(_SHOWING, texts, ANY_CASE), ASK_S if world.is_page else HURRY_S)
            if world.is_page:
                boxes = None if answer is None else [_wider(Box(*sides)) for sides in answer]
            else:
                boxes = [] if answer == [] else await tab.ask(_place_of(world), ASK_S)
            if boxes is None:
                return None
            found += boxes
        return found


def outside(dialog: OpenDialog | None, screen: Size) -> list[Box]:
    """All of the screen but the drawn dialog."""
    if dialog is None:
        return [Box(0, 0, *screen)]
    left, top, right, bottom = dialog.boxes(screen)[0]
    return [
        Box(0, 0, screen.width, top),
        Box(0, bottom, screen.width, screen.height),
        Box(0, top, left, bottom),
        Box(right, top, screen.width, bottom),
    ]


def in_dialog(dialog: OpenDialog, screen: Size, secrets: Secrets) -> list[Box]:
    """The text of the drawn dialog, if it holds a secret."""
    said = f"{dialog.message}\n{dialog.text}"
    return [] if secrets.masked(said) == said else [dialog.boxes(screen)[1]]


async def _place_of(world: World) -> list[Box]:
    """The rectangle of a frame within the page; empty if it is not shown, or gone."""
    with suppress(Error):
        if world.apart:
            box = await (await world.apart.frame_element()).bounding_box()
            return [Box(box["x"], box["y"], box["x"] + box["width"], box["y"] + box["height"])] if box else []
        assert world.session, "the page's own process answered"
        owner = await world.session.send("DOM.getFrameOwner", {"frameId": world.frame})
        model = await world.session.send("DOM.getBoxModel", {"backendNodeId": owner["backendNodeId"]})
        corners: list[float] = model["model"]["border"]
        return [Box(min(corners[::2]), min(corners[1::2]), max(corners[::2]), max(corners[1::2]))]
    return []


def _wider(box: Box) -> Box:
    return Box(box.left - AROUND_PX, box.top - AROUND_PX, box.right + AROUND_PX, box.bottom + AROUND_PX)


def read_site(secret: Secret) -> Site:
    """The site of a secret in a browser. Raises UsageError if its place is none."""
    try:
        return Site.read(secret.place)
    except ValueError as error:
        raise UsageError(
            f"The secret {secret.name} is for {secret.place!r}, which is no host: {error}. Write one like example.com "
            "or example.com:8443."
        ) from error


def _is_at(site: Site, origin: str) -> bool:
    """Whether an origin is at this very host, not at a subdomain, where others may write pages."""
    if not origin.startswith(("http://", "https://")):
        return False
    return Site.of(origin).host == site.host and site.port in (None, endpoint(origin)[1])
