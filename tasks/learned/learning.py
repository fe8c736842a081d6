"""`Learning`: watches an episode, and keeps it as a learned run if it was verified."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image

from actions.action import Action
from actions.control import Answer, Finish
from actions.errors import ActionRefused
from actions.geometry import Box, Point, Size
from agent.episode import Episode, How, Step, Turn
from agent.loop import Policy
from devices import Environment, Observation
from devices.rules.places import Detail, Inspected, Place, Searchable
from tasks.learned.file import Pictures
from tasks.learned.finding import namesakes, page_of, thing_of
from tasks.learned.playing import ROUGH
from tasks.learned.reading import printed_at, within
from tasks.learned.schema import LearnedFile, LearnedStep, Printed, Target
from tasks.worlds import printed
from tasks.worlds.texts import lines_on

AROUND = Size(160, 90)
"""How far the picture of a target reaches beyond it, in units of the screen."""
ROW = 40
"""How far the picture of a target without words reaches up and down; it is as wide as the window."""
TEXTS = 2
"""How many lines that the last action brought must be seen at the end."""
DIALOG = 320
"""A desktop's window of at most this height is kept whole: what its buttons are about may stand far above them."""
LONGEST = 80


@dataclass(frozen=True)
class _Noticed:
    """What was there right before an action."""

    places: tuple[Place, ...]
    namesakes: tuple[int, ...]
    """For each place, how many elements had its words; 1 where it has none."""
    lines: tuple[str, ...]


class Learning:
    """Decides like another policy, for one episode, and notes what each action is about before it is performed."""

    def __init__(self, policy: Policy, device: Environment) -> None:
        """`device` is the bare device."""
        self._policy = policy
        self._device = device
        self._noticed: dict[int, _Noticed] = {}

    def act(self, instruction: str, steps: Sequence[Step], observation: Observation) -> Turn:
        turn = self._policy.act(instruction, steps, observation)
        if turn.action and not turn.mistake and not turn.quiet:
            places = self._places(turn.action)
            counts = tuple(map(self._namesakes, places))
            self._noticed[len(steps)] = _Noticed(places, counts, tuple(lines_on(self._device)))
        return turn

    def _places(self, action: Action) -> tuple[Place, ...]:
        if isinstance(action, Answer | Finish) or not isinstance(self._device, Inspected):
            return ()
        try:
            return self._device.touches(action, Detail.COMPARED)
        except ActionRefused:  # it is about to be refused as well
            return ()

    def _namesakes(self, place: Place) -> int:
        thing = thing_of(place)
        return max(1, len(namesakes(self._device, thing))) if thing.named else 1

    def learned(self, episode: Episode, name: str, about: "About") -> tuple[LearnedFile, Pictures]:
        """The episode as a learned run, with pictures in the folder `name`.

        Actions that were not performed are left out, and so is waiting: a learned run waits by itself.
        """
        kept = [step for step in episode.steps if step.index in self._noticed and step.acted]
        pictures: Pictures = {}
        steps = []
        for number, step in enumerate(kept):
            before = kept[number - 1] if number else None
            steps.append(self._step(step, before, Path(name) / f"{number:02d}", pictures))
        first = episode.steps[0].observation
        typed = str([step.arguments for step in steps])
        run = LearnedFile(
            instruction=episode.instruction,
            device=about.device,
            address=about.address,
            mobile=about.mobile,
            screen=first.screen,
            density=first.size.width / first.screen.width,
            secrets=tuple(one for one in about.secrets if f"{{{{{one}}}}}" in typed),
            parameters=dict(about.parameters),
            steps=tuple(steps),
        )
        return run, pictures

    def _step(self, step: Step, before: Step | None, file: Path, pictures: Pictures) -> LearnedStep:
        action, look = step.turn.action, step.observation
        assert action is not None
        noticed = self._noticed[step.index]
        given: dict[str, object] = {"action": type(action).__name__, "page": page_of(look.location)}
        given["arguments"] = action.model_dump(mode="json", exclude_defaults=True)
        if isinstance(action, Answer | Finish):
            given["texts"] = self._brought(noticed, before, look)
        if isinstance(action, Answer):
            given["look"] = _kept(pictures, f"{file}.png", look.image)
        if action.points() and not isinstance(action, ROUGH):
            targets: dict[str, Target] = {}
            for index, (name, point) in enumerate(action.points().items()):
                if name.split(" ")[0] == "via":
                    continue
                known = index < len(noticed.places)
                place, count = (noticed.places[index], noticed.namesakes[index]) if known else (Place(), 1)
                windows = not isinstance(self._device, Searchable)
                target = _target(point, place, look, Path(f"{file}-{name}.png"), pictures, windows)
                targets[name] = target.model_copy(update={"namesakes": count})
            given["targets"] = targets
        elif noticed.places and not action.points():
            given["focus"] = thing_of(noticed.places[0])
        return LearnedStep.model_validate(given)

    def _brought(self, noticed: _Noticed, before: Step | None, look: Observation) -> list[str]:
        """The lines at the end that the last action brought; none where it opened another page, which says enough."""
        if before is None or page_of(before.observation.location) != page_of(look.location):
            return []
        earlier = self._noticed[before.index].lines
        new = [line for line in noticed.lines if line not in earlier and len(line) <= LONGEST]
        return [line for line in new if any(map(str.isalpha, line))][:TEXTS]


@dataclass(frozen=True)
class About:
    """What a learned run needs to know besides its steps."""

    device: str
    address: str | None = None
    mobile: bool = False
    secrets: tuple[str, ...] = ()
    parameters: Mapping[str, str] = field(default_factory=dict)


def verified(episode: Episode) -> bool:
    """Whether the episode ended successfully and something confirmed it, not only the model's own word."""
    last = episode.steps[-1] if episode.steps else None
    made = last.turn.verification if last else None
    return episode.finished and made is not None and made.holds


def _target(point: Point, place: Place, look: Observation, file: Path, pictures: Pictures, windows: bool) -> Target:
    """What lies under a point. With `windows` the device describes windows and not what is in them."""
    thing = thing_of(place)
    whole = Box(0, 0, look.screen.width, look.screen.height)
    box = place.box if place.box and place.box.holds(point) else whole
    dialog = windows and box.bottom - box.top <= DIALOG
    if thing.named:
        around = Box(
            box.left - AROUND.width, box.top - AROUND.height, box.right + AROUND.width, box.bottom + AROUND.height
        )
    else:
        reach = DIALOG if dialog else ROW
        around = Box(box.left, max(box.top, point.y - reach), box.right, min(box.bottom, point.y + reach))
    density = look.size.width / look.screen.width
    left, top, right, bottom = (
        round(density * edge)
        for edge in (
            max(around.left, 0),
            max(around.top, 0),
            min(around.right, look.screen.width),
            min(around.bottom, look.screen.height),
        )
    )
    inside = Box(
        max(density * box.left - left, 0),
        max(density * box.top - top, 0),
        min(density * box.right - left, right - left),
        min(density * box.bottom - top, bottom - top),
    )
    picture = _kept(pictures, str(file), look.image.crop((left, top, right, bottom)))
    at = Point(density * point.x - left, density * point.y - top)
    window = Box(*(density * edge for edge in box))
    read = _printed(look, window, dialog, at, Point(left, top)) if windows else None
    return Target(**thing.model_dump(), picture=picture, box=inside, at=at, printed=read)


def _printed(look: Observation, window: Box, dialog: bool, at: Point, corner: Point) -> Printed | None:
    """The text in a window at a point of a picture with this corner, all in pixels; None without the extra `ocr`."""
    if not printed.available():
        return None
    lines = printed.lines_in(look.image)
    found = printed_at(Point(at.x + corner.x, at.y + corner.y), within(window, lines), dialog)
    if found is None:
        return None
    left, top, right, bottom = found.box
    inside = Box(left - corner.x, top - corner.y, right - corner.x, bottom - corner.y)
    return found.model_copy(update={"box": inside})


def _kept(pictures: Pictures, name: str, image: Image.Image) -> Path:
    pictures[Path(name)] = image
    return Path(name)


def told(episode: Episode) -> str:
    """How many steps were repeated, found again and handed over, in a line; empty if no learned run was played."""
    made = [step.turn.repetition.how for step in episode.steps if step.turn.repetition]
    counts = [f"{made.count(how)} {how.value}" for how in (How.REPEATED, How.FOUND_AGAIN, How.HANDED_OVER)]
    return f"Learned run: {', '.join(counts)}." if made else ""
