"""`WithSecrets`: an environment in which secrets are typed, masked in every text, and painted over in pictures."""

from collections.abc import Iterable, Sequence
from typing import Protocol, runtime_checkable

from PIL import Image, ImageChops, ImageDraw

from actions.action import Action, Outcome
from actions.control import Answer, AskUser, Finish
from actions.errors import ActionRefused
from actions.geometry import Box, Size
from actions.keyboard import Press, Type
from actions.mouse import Drag
from actions.secrets import Secret, Secrets
from devices import Environment, Observation
from devices.wrappers import Wrapped

PAINT = (96, 96, 96)
COPYING = (("ctrl", "c"), ("ctrl", "x"), ("ctrl", "insert"), ("shift", "delete"), ("meta", "c"), ("meta", "x"))
"""The keys that copy or cut what is selected."""


@runtime_checkable
class TakesSecrets(Protocol):
    """A device that can check what it types a secret into."""

    secrecy: str
    """What it cannot do for a secret, in a sentence for the user; empty if it can do everything."""

    def type_secret(self, secret: Secret) -> Outcome:
        """Types the value into the focused field. Its report does not hold the value.

        Raises:
            ActionRefused: the focused field, or its app or site, is not one for this secret. Nothing was typed.
        """
        ...

    def showing(self, secrets: Secrets) -> Sequence[Box]:
        """Where the newest picture shows the value of a secret, in input units."""
        ...


class Masking(Wrapped):
    """Masks secrets in every text that leaves the environment inside it, errors included."""

    def __init__(self, inner: Environment, secrets: Secrets) -> None:
        super().__init__(inner)
        self._secrets = secrets

    @property
    def remarks(self) -> tuple[str, ...]:
        return tuple(map(self._secrets.masked, self.inner.remarks))

    @property
    def unfinished(self) -> str:
        return self._secrets.masked(self.inner.unfinished)

    def reset(self) -> None:
        with self._secrets.hidden():
            self.inner.reset()

    def observe(self) -> Observation:
        with self._secrets.hidden():
            return self.inner.observe()

    def perform(self, action: Action) -> Outcome:
        with self._secrets.hidden():
            outcome = self._perform(action)
        return outcome._replace(text=self._secrets.masked(outcome.text))

    def _perform(self, action: Action) -> Outcome:
        return self.inner.perform(action)


class WithSecrets(Masking):
    """Types the secrets that an action names, where they may be typed, and paints them over where a picture shows them.

    It surrounds the device itself.
    """

    def __init__(self, inner: Environment, secrets: Secrets) -> None:
        super().__init__(inner, secrets)
        self._device = inner if isinstance(inner, TakesSecrets) else None
        self._seen: Image.Image | None = None
        self._boxes: Sequence[Box] = ()

    @property
    def remarks(self) -> tuple[str, ...]:
        limits = (self._device.secrecy,) if self._device and self._device.secrecy else ()
        return (*super().remarks, *limits)

    def observe(self) -> Observation:
        """A look whose text is masked, and whose picture is painted over where it shows a secret."""
        with self._secrets.hidden():
            seen = self.inner.observe()
            boxes = self._covering(seen.image)
        masked = seen.but(text=self._secrets.masked(seen.text), location=self._secrets.masked(seen.location))
        return masked.but(image=painted(seen.image, seen.screen, boxes)) if boxes else masked

    def _perform(self, action: Action) -> Outcome:
        if isinstance(action, Type):
            return self._typed(action)
        if not isinstance(action, Answer | Finish | AskUser) and (named := self._named(_texts(action.model_dump()))):
            raise ActionRefused(f"{named} is only typed, with Type, into the field with the focus. Nothing was done.")
        if self._device and _may_take(action) and _takes_along(action, self._device.showing(self._secrets)):
            raise ActionRefused("What holds a secret is not copied, cut or dragged to another place. Nothing was done.")
        return self.inner.perform(action)

    def _covering(self, picture: Image.Image) -> Sequence[Box]:
        """What to paint over: where secrets are shown now, and where they were before, in case they just went."""
        if self._device is None:
            return ()
        before = self._boxes
        if self._seen is None or not _same(self._seen, picture):  # a phone takes a second to find them
            self._boxes = self._device.showing(self._secrets)
        self._seen = picture
        return [*before, *(box for box in self._boxes if box not in before)]

    def _typed(self, action: Type) -> Outcome:
        """Types a text with secrets in it, piece by piece."""
        pieces = self._secrets.parts(action.text)
        if all(isinstance(piece, str) for piece in pieces):
            return self.inner.perform(action)
        if self._device is None:
            raise ActionRefused("No secret can be typed on this device. Nothing was typed.")
        said: list[str] = []
        for piece in pieces:
            try:
                done = (
                    self.inner.perform(Type(text=piece)) if isinstance(piece, str) else self._device.type_secret(piece)
                )
            except ActionRefused as refusal:
                if not said:
                    raise
                raise ActionRefused(f"{refusal} What stands before it was typed.") from refusal
            said.append(done.text)
        return Outcome(" ".join(filter(None, said)))

    def _named(self, texts: Iterable[str]) -> Secret | None:
        parts = (part for text in texts for part in self._secrets.parts(text))
        return next((part for part in parts if isinstance(part, Secret)), None)


def _may_take(action: Action) -> bool:
    """Whether an action may take a text to another place."""
    return isinstance(action, Drag) or (isinstance(action, Press) and action.keys in COPYING)


def _takes_along(action: Action, boxes: Sequence[Box]) -> bool:
    """Whether it may take a secret along that is shown in one of these boxes."""
    if isinstance(action, Drag) and action.start:
        return any(box.holds(action.start) for box in boxes)
    return bool(boxes)


def painted(image: Image.Image, screen: Size, boxes: Iterable[Box]) -> Image.Image:
    """The picture with these boxes, in input units, painted over."""
    across, down = image.width / screen.width, image.height / screen.height
    image = image.copy()
    draw = ImageDraw.Draw(image)
    for left, top, right, bottom in boxes:
        if right > left and bottom > top:
            draw.rectangle((left * across, top * down, right * across, bottom * down), PAINT)
    return image


def _same(one: Image.Image, other: Image.Image) -> bool:
    return one.size == other.size and ImageChops.difference(one, other).getbbox() is None


def _texts(value: object) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ():
        yield from _texts(part)
