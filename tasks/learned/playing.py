"""`Playing`: a policy that repeats a learned run, and hands over to a model where it cannot.

It decides from the steps so far alone, so a run that was interrupted goes on where it was. Its actions are written,
read and decoded like a model's, and go through the same wrappers: settling, rules, approvals and secrets.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from actions.action import Action, ActionSpace, Call
from actions.control import Finish, Wait
from actions.errors import ModelMistake, UsageError
from actions.geometry import Box, Point, Size, Viewport
from actions.mouse import MoveTo, Scroll
from actions.touch import Swipe
from agent.episode import How, Repetition, Step, Turn, Verification
from agent.loop import Policy
from agent.policy import ModelPolicy
from agent.verifying import Check
from agent.written import written
from devices import Environment, Observation
from devices.rules.places import Place
from tasks.learned.file import LearnedRun
from tasks.learned.finding import Finder, NotFound, ScrolledAway, page_of, require
from tasks.learned.pictures import same
from tasks.learned.schema import LearnedStep
from tasks.worlds.texts import lines_on

WAIT_S = 1.0
WAITS = 5
"""How often it waits by default for what a step needs, before it hands over."""
LARGER = 2
"""A side of the screen may be this many times larger or smaller than when the run was learned."""
NOTCH, MOST_NOTCHES = 100, 50
"""The pixels of a notch of the wheel, and the most notches of one action."""
ROUGH = (Scroll, Swipe, MoveTo)
"""Actions whose points are no targets."""
HANDED_OVER = (
    "The first {} actions repeat an earlier run of this task. Then the screen was not as expected: go on from here."
)
NO_MODEL = "There is no model to hand over to"


class Playing:
    """Plays one learned run in one episode. `model` decides after a hand-over; without one that ends the episode."""

    def __init__(
        self, run: LearnedRun, device: Environment, writer: ModelPolicy, model: Policy | None, waits: int = WAITS
    ) -> None:
        """`writer` has the profile in which calls are written, and the action space of the environment.

        Raises:
            UsageError: a step is no action of this device.
        """
        self._run = run
        self._device = device
        self._writer = writer
        self._model = model
        self._waits = waits
        self._finder = Finder(run, device)
        self._actions = [_action(run, number, step, writer.space) for number, step in enumerate(run.steps)]

    def act(self, instruction: str, steps: Sequence[Step], observation: Observation) -> Turn:
        done, why = position(steps)
        if why is None and observation.intervention and observation.intervention.said:
            why = "A person sent a message."
        if why is None and done >= len(self._actions):
            why = "All steps were repeated, and the task is not done."
        if why is None:
            try:
                return self._repeated(done, observation)
            except NotFound as missing:
                why = str(missing)
                if _waited(steps) < self._waits:
                    return self._turn(self._towards(missing, observation), observation, Repetition(How.WAITED, why))
        return self._handed_over(instruction, steps, observation, done, why)

    def _towards(self, missing: NotFound, look: Observation) -> Action:
        """What may bring what is missing: scrolling to it, or waiting."""
        if isinstance(missing, ScrolledAway) and Scroll in self._writer.space:
            return _scrolling(missing.box, look.screen)
        return Wait(seconds=WAIT_S)

    def _handed_over(
        self, instruction: str, steps: Sequence[Step], observation: Observation, done: int, why: str
    ) -> Turn:
        repetition = Repetition(How.HANDED_OVER, why)
        if self._model is None:
            text = f"Step {done} of {self._run.path.name} could not be repeated: {why} {NO_MODEL}."
            return self._turn(Finish(status="failure", text=text), observation, repetition)
        note = f"\n{HANDED_OVER.format(done)}" if done else ""
        return replace(self._model.act(f"{instruction}{note}", steps, observation), repetition=repetition)

    def _repeated(self, number: int, look: Observation) -> Turn:
        """The learned step on this look. Raises NotFound if what it needs is not there."""
        step, action = self._run.steps[number], self._actions[number]
        self._require(number, look)
        if isinstance(action, ROUGH):
            action = action.moved(lambda point: _scaled(point, self._run, look))
            return self._turn(action, look, Repetition(How.REPEATED))
        found = {name: self._finder.find(action, name, target, look) for name, target in step.targets.items()}
        if found:
            before = action.points()
            places = {before[name]: each.point for name, each in found.items()}
            shift = next(iter(found.values())).point, before[next(iter(found))]
            action = action.moved(lambda point: places.get(point) or _shifted(point, *shift))
        how = How.FOUND_AGAIN if any(each.moved for each in found.values()) else How.REPEATED
        return self._turn(action, look, Repetition(how))

    def _require(self, number: int, look: Observation) -> None:
        step = self._run.steps[number]
        if step.page and step.page != (now := page_of(look.location)):
            raise NotFound(f"The page is {now!r}, not {step.page!r}.")
        if step.look and not same(self._run.pictures[step.look], look.image):
            raise NotFound(f"The screen does not look like {step.look}.")
        if step.texts:
            lines = lines_on(self._device)
            if missing := [text for text in step.texts if text not in lines]:
                raise NotFound(f"{missing[0]!r} is not on the screen.")
        if step.focus:
            places = self._finder.places(self._actions[number])
            require(places[0] if places else Place(), step.focus)

    def _turn(self, action: Action, look: Observation, repetition: Repetition) -> Turn:
        return replace(written(self._writer, action, look), repetition=repetition)


class Confirmed:
    """Confirms the claims of a learned run, which has seen what had to be seen; a model's claim after a hand-over is
    for what `otherwise` returns."""

    def __init__(self, otherwise: Callable[[], Check | None]) -> None:
        self._otherwise = otherwise

    def __call__(
        self, instruction: str, steps: Sequence[Step], turn: Turn, observation: Observation, look: Observation
    ) -> Verification:
        if turn.repetition and turn.repetition.how is not How.HANDED_OVER:
            return Verification(look, "the learned run", True, "What had to be seen was there.")
        if (check := self._otherwise()) is None:
            return Verification(look, "the learned run", False, "Nothing confirms the model's word.")
        return check(instruction, steps, turn, observation, look)


def position(steps: Sequence[Step]) -> tuple[int, str | None]:
    """How many learned steps were repeated, and why the model has taken over, if it has."""
    done = 0
    for step in steps:
        made = step.turn.repetition
        if made is None or made.how is How.HANDED_OVER:
            return done, made.why if made else "Other steps came first."
        if made.how is How.WAITED:
            continue
        if not step.acted or not step.outcome.certain:
            return done, step.outcome.text
        done += 1
    return done, None


def _waited(steps: Sequence[Step]) -> int:
    count = 0
    for step in reversed(steps):
        if step.turn.repetition is None or step.turn.repetition.how is not How.WAITED:
            break
        count += 1
    return count


def require_device(run: LearnedRun, device: str) -> None:
    """Raises UsageError if the run was learned on another device."""
    if run.content.device != device:
        raise UsageError(f"{run.path} was learned on the device {run.content.device}, not on {device}.")


def require_size(run: LearnedRun, look: Observation) -> None:
    """Raises UsageError if the screen is too different from the one on which the run was learned."""
    before, now = run.content.screen, look.screen
    ratios = now.width / before.width, now.height / before.height
    turned = (now.width > now.height) != (before.width > before.height) and max(ratios) > 1.25
    if turned or not all(1 / LARGER <= ratio <= LARGER for ratio in ratios):
        raise UsageError(f"{run.path} was learned on a screen of {before}, and this one has {now}.")


def _action(run: LearnedRun, number: int, step: LearnedStep, space: ActionSpace) -> Action:
    screen = run.content.screen
    try:
        action = space.decode(Call(step.action, step.arguments), Viewport(screen, screen))
    except ModelMistake as mistake:
        raise UsageError(f"The learned run {run.path} is not valid: step {number}: {mistake}") from mistake
    points = action.points()
    if unknown := sorted(step.targets.keys() - points.keys()):
        raise UsageError(f"The learned run {run.path} is not valid: step {number} has no point {unknown[0]!r}.")
    if points and not step.targets and not isinstance(action, ROUGH):
        raise UsageError(f"The learned run {run.path} is not valid: step {number} has a point but no target.")
    return action


def _scaled(point: Point, run: LearnedRun, look: Observation) -> Point:
    return Viewport(run.content.screen, look.screen).to_screen(point)


def _scrolling(box: Box, screen: Size) -> Scroll:
    """The turn of the wheel, over the middle of the screen, that brings a box there."""
    across = (box.left + box.right - screen.width) / 2
    down = (box.top + box.bottom - screen.height) / 2
    sideways = not 0 <= (box.left + box.right) / 2 < screen.width
    far, direction = (across, ("left", "right")) if sideways else (down, ("up", "down"))
    notches = min(max(round(abs(far) / NOTCH), 1), MOST_NOTCHES)
    return Scroll(direction=direction[far > 0], notches=notches, point=Point(screen.width // 2, screen.height // 2))


def _shifted(point: Point, now: Point, before: Point) -> Point:
    return Point(point.x + now.x - before.x, point.y + now.y - before.y)
