"""`Call`, `Action`, `Outcome`, and `ActionSpace` with `decode` and its inverse `encode`.

A call is what the model wrote: a name and arguments, in its own frame, not validated. An action is what a device
performs: validated, in screen pixels. `ActionSpace.decode` is the only way from one to the other, so it is
the one place where coordinates change space and the one place where model text becomes trusted data.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from types import MappingProxyType
from typing import Any, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from actions.complaints import complaint
from actions.errors import InvalidArguments, UnknownAction
from actions.geometry import PARTS, Point, Size, Viewport, unit


class Call(NamedTuple):
    """What the model wrote: points in its frame, nothing validated."""

    name: str
    arguments: Mapping[str, object]
    frame: Size | None = None
    """The frame of its points if the written form fixes one, else the model's own."""
    shifts: Mapping[str, Point] = MappingProxyType({})
    """Offsets of points from their written position, by field name, in fractions of the picture's sides."""


class Stop(StrEnum):
    """How an action, or the environment itself, ends an episode."""

    ANSWERED = "answered"
    FINISHED = "finished"
    GAVE_UP = "gave_up"


class Permit(StrEnum):
    """What a policy or a person decided on an action. Neither decision is a mistake of the model."""

    APPROVED = "approved"
    """A person allowed it."""
    DENIED = "denied"
    """A rule or a person denied it, and it was not performed."""
    OUTDATED = "outdated"
    """A person allowed it, but the screen had changed there meanwhile, and it was not performed."""


class Outcome(NamedTuple):
    """The device's report on an action; `text` is the answer or the report where `stop` ends the episode."""

    text: str = ""
    stop: Stop | None = None
    permit: Permit | None = None
    """The decision on it, if one was needed."""
    certain: bool = True
    """Whether the action is known to have been performed."""

    @property
    def performed(self) -> bool:
        """Whether nothing kept the action from being performed."""
        return self.permit in (None, Permit.APPROVED)


class Action(BaseModel):
    """One thing to do. The class docstring and the field descriptions are what the model reads."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def apply(self, device: Any) -> Outcome:
        """Performs itself on the device's primitives; a device must have those that it calls.

        Raises:
            ActionRefused: the device refuses it now. DeviceFailure: the device is lost.
        """
        raise NotImplementedError(type(self).__name__)

    def __str__(self) -> str:
        """One line for a person: `Drag((1, 2), (3, 4))`."""
        given = (value for _, value in self if value not in (None, ()))
        return f"{type(self).__name__}({', '.join(map(_shown, given))})"

    def points(self) -> dict[str, Point]:
        """The points, by the names of their fields; those of a path are numbered, as in `via 1`."""
        return {
            f"{name} {index}" if index else name: point
            for name, value in self
            for index, point in _points_in(value).items()
        }

    def moved(self, mapping: Callable[[Point], Point]) -> Self:
        """The same action with every point mapped."""
        moved = {
            name: mapping(value) if isinstance(value, Point) else tuple(map(mapping, _points_in(value).values()))
            for name, value in self
            if _points_in(value)
        }
        return self.model_copy(update=moved)


Term = Callable[[type[Action], str], str]
"""The name of an action in a prompt (with an empty field), or of one of its fields."""


def own_term(kind: type[Action], field: str) -> str:
    """Our own terms: the names of the class and of its fields."""
    return field or kind.__name__


class ActionSpace:
    """The actions that one environment accepts."""

    def __init__(self, *groups: Iterable[type[Action]]) -> None:
        self.actions: tuple[type[Action], ...] = tuple(action for group in groups for action in group)
        self._by_name = {action.__name__: action for action in self.actions}

    def __contains__(self, action: type[Action]) -> bool:
        return action in self.actions

    def decode(self, call: Call, viewport: Viewport, term: Term = own_term) -> Action:
        """Decodes a call in frame units to an action in screen pixels; errors use the prompt's terms.

        Raises:
            UnknownAction: no action of this space has that name.
            InvalidArguments: an argument is missing, unknown or of the wrong kind, or a point is off the frame.
        """
        kind = self._by_name.get(call.name)
        if kind is None:
            names = ", ".join(dict.fromkeys(term(action, "") for action in self.actions))
            raise UnknownAction(f"There is no action {call.name[:60]!r}. The actions are: {names}.")
        try:
            action = kind.model_validate(dict(call.arguments))
        except ValidationError as error:
            found = complaint(error, lambda loc: _place(loc, kind, term))
            raise InvalidArguments(f"{term(kind, '')}: {found}.") from error
        if call.frame == PARTS:  # a gesture without points of its own, such as a swipe to one side
            return action.moved(viewport._replace(frame=PARTS).to_screen)
        for name, point in action.points().items():
            if wrong := _misplaced(point, viewport, call.frame):
                raise InvalidArguments(f"{term(kind, '')}: {term(kind, name)} {point} {wrong}. Nothing was done.")
        for name, shift in call.shifts.items():
            point = action.points()[name]
            if (shifted := viewport.shifted(point, shift)) is None:
                raise InvalidArguments(f"{term(kind, '')}: there is no room to that side of {point}. Nothing was done.")
            action = action.model_copy(update={name: shifted})
        return action.moved(viewport.to_screen)

    def encode(self, action: Action, viewport: Viewport) -> Call:
        """The call in frame units that decodes to this action, to within one frame unit."""
        shown = action.moved(viewport.to_frame)
        arguments = {
            name: list(value) if isinstance(value, Point) else shown.model_dump(mode="json")[name]
            for name, value in shown
            if value != type(shown).model_fields[name].default
        }
        return Call(type(action).__name__, arguments)


def _misplaced(point: Point, viewport: Viewport, written_in: Size | None) -> str:
    """What is wrong with a point in this frame; empty if nothing is."""
    frame = viewport.frame
    if written_in not in (None, frame):
        return f"is written in a form whose points are {unit(written_in)}; here points are {unit(frame)}"
    if viewport.takes_for_parts(point):
        return f"looks like {unit(PARTS)}; here points are {unit(frame)}"
    if viewport.shows(point):
        return ""
    if frame == PARTS:
        return "lies outside the image; x and y must be 0 to 1"
    return f"lies outside the image; x must be 0 to {frame.width - 1} and y 0 to {frame.height - 1}"


def _points_in(value: object) -> dict[int, Point]:
    """The points of a field, by their number in a path; a single one has none, 0."""
    if isinstance(value, Point):
        return {0: value}
    parts = value if isinstance(value, tuple) else ()
    return {number: part for number, part in enumerate(parts, 1) if isinstance(part, Point)}


def _shown(value: object) -> str:
    if isinstance(value, Point):
        return str(value)
    if isinstance(value, tuple):
        return " ".join(map(str, value)) if _points_in(value) else "+".join(value)
    return repr(value)


def _place(loc: Sequence[int | str], kind: type[Action], term: Term) -> str:
    """The prompt's name of an argument, or of a part of an object; empty for the whole call."""
    name = str(loc[0]) if loc else ""
    field = kind.model_fields.get(name)
    if field is None:
        return name
    annotation = field.annotation
    parted = isinstance(annotation, type) and issubclass(annotation, BaseModel)
    return ".".join((term(kind, name), *map(str, loc[1:] if parted else ())))
