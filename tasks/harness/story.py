"""`Story`: a recorded or running episode as its page and its JSON show it.

All texts come from a model, a screen or a person and are untrusted: whoever shows them escapes them.
"""

import os
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

from PIL import Image
from pydantic import BaseModel, ConfigDict

from actions.action import Action
from actions.geometry import Box, Size
from agent.episode import Ending, How, Seconds
from agent.lines import Decided, Line, Seen
from agent.lines import Result as Ended
from agent.record import picture_path, read_lines, read_pending, read_result
from agent.run_info import RunInfo, read_info
from tasks.harness.changes import changed_boxes
from tasks.harness.results import Result
from tasks.options import NO_MODEL

LONGEST = 2000
"""The longest text in characters; a longer one is cut."""
BROKEN_OFF = "The run was interrupted here; it is unknown whether this was done."


class Mark(BaseModel):
    """A point or a box on a picture, in percent of its sides; a point has no extent."""

    model_config = ConfigDict(frozen=True)

    left: float
    top: float
    width: float = 0.0
    height: float = 0.0
    label: str = ""


class ShownCheck(BaseModel):
    """How the model's word that it is done was checked."""

    model_config = ConfigDict(frozen=True)

    question: str
    holds: bool
    reason: str
    picture: str


class ShownStep(BaseModel):
    """One step."""

    model_config = ConfigDict(frozen=True)

    number: int
    pending: bool = False
    """Whether its outcome is unknown: it is being performed, or the run was interrupted in it."""
    picture: str
    """The address of the screenshot, relative to the page."""
    screen: Size
    points: tuple[Mark, ...]
    target: Mark | None = None
    changed: tuple[Mark, ...] = ()
    """What differs from the picture of the step before."""
    location: str
    before: str
    """What happened before it that was not the model's doing."""
    thought: str
    reply: str
    action: str
    mistake: str
    permit: str
    outcome: str
    seconds: Seconds | None
    prompt_tokens: int | None
    completion_tokens: int | None
    check: ShownCheck | None = None
    repetition: How | None = None
    """How it was decided, if it is a step of a learned run."""
    repetition_why: str = ""

    @property
    def false_claim(self) -> bool:
        """Whether it claims success and a check denied that."""
        return self.check is not None and not self.check.holds


class Story(BaseModel):
    """One episode."""

    model_config = ConfigDict(frozen=True)

    name: str
    """The name of its folder."""
    instruction: str
    device: str
    address: str
    model: str
    engine: str
    started: datetime
    resumed: int
    """How often it was continued."""
    commit: str
    actions: tuple[str, ...]
    """The names of the actions that its device takes."""
    ending: Ending | None
    """None while it goes on, and after it was killed."""
    answer: str
    score: float | None
    why: str
    """Why a task's score is what it is."""
    steps: tuple[ShownStep, ...]
    false_claim: bool
    """Whether it ended as finished or answered without the full score of its task."""


def read_story(run: Path, judged: Result | None = None) -> Story:
    """Reads an episode from its folder, with its suite's result. Addresses are relative to the folder.

    Raises:
        UsageError: the folder holds no run, or one of its files is damaged.
    """
    begun, ended = story(run.resolve().name, read_info(run)), read_result(run)
    steps = with_changes(run, shown_steps(run, run, judged.target if judged else None))
    return with_ending(begun.model_copy(update={"steps": steps}), ended, judged)


def with_ending(begun: Story, ended: Ended | None, judged: Result | None = None) -> Story:
    """The story with its end, as its suite judged it, else as the run's own record has it."""
    score = judged.value if judged else ended.score if ended else None
    ending = ended.ending if ended else judged.ending if judged else None
    update = {
        "ending": ending,
        "answer": cut(ended.answer) if ended else "",
        "score": score,
        "why": cut(judged.why if judged else ended.why if ended else ""),
        "false_claim": ending is not None and ending.exit_code == 0 and score is not None and score < 1,
    }
    return begun.model_copy(update=update)


def model_of(info: RunInfo) -> str:
    """The model that decided, in words."""
    name = info.profile.name
    return {"scripted": f"scripted, laid out as for {name}", NO_MODEL: "no model"}.get(info.engine, name)


def story(name: str, info: RunInfo) -> Story:
    """A story without steps and without an end."""
    return Story(
        name=name,
        instruction=info.instruction,
        device=info.device,
        address=info.address or "",
        model=model_of(info),
        engine=info.engine,
        started=info.started,
        resumed=len(info.resumed),
        commit=(info.commit or "")[:12],
        actions=tuple(kind.rpartition(":")[2] for kind in info.actions),
        ending=None,
        answer="",
        score=None,
        why="",
        steps=(),
        false_claim=False,
    )


def shown_steps(run: Path, page: Path, target: Box | None = None) -> list[ShownStep]:
    """The steps of an ended episode, with addresses relative to `page`; the target is that of the last step."""
    lines = read_lines(run)
    steps = [shown_step(line, run, page, target if line is lines[-1] else None) for line in lines]
    if pending := read_pending(run, len(lines)):
        steps.append(shown_step(pending, run, page).model_copy(update={"outcome": BROKEN_OFF}))
    return steps


def shown_step(line: Decided, run: Path, page: Path, target: Box | None = None) -> ShownStep:
    """A step as it is shown; one without an outcome is pending."""
    done, usage, made = line if isinstance(line, Line) else None, line.usage, line.verification
    return ShownStep(
        number=line.index,
        pending=done is None,
        picture=_address(line, run, page),
        screen=line.screen,
        points=_points(line.action, line.screen),
        target=on(target, line.screen) if target else None,
        location=cut(line.location),
        before=cut(" ".join((line.intervention.note, *map(repr, line.intervention.said)))) if line.intervention else "",
        thought=cut(line.thought),
        reply=cut(line.reply),
        action=cut(str(line.action)) if line.action else "",
        mistake=cut(f"{line.mistake.kind}: {line.mistake.text}") if line.mistake else "",
        permit=(done.outcome.permit or "") if done else "",
        outcome=cut(" ".join(filter(None, (done.outcome.text, line.hint)))) if done else "",
        seconds=done.seconds if done else None,
        prompt_tokens=usage.prompt_tokens if usage else None,
        completion_tokens=usage.completion_tokens if usage else None,
        check=ShownCheck(
            question=cut(made.question),
            holds=made.holds,
            reason=cut(made.reason),
            picture=_address(made, run, page),
        )
        if made
        else None,
        repetition=line.repetition.how if line.repetition else None,
        repetition_why=cut(line.repetition.why) if line.repetition else "",
    )


def with_changes(run: Path, steps: Iterable[ShownStep]) -> tuple[ShownStep, ...]:
    """The steps, with what changed on the screen before each; nothing is marked where a picture cannot be read."""
    marked: list[ShownStep] = []
    name, image = "", None
    for step in steps:
        if step.picture == name:
            marked.append(step)
            continue
        name, before, image = step.picture, image, picture_in(run, step.picture)
        marked.append(with_change(step, before, image))
    return tuple(marked)


def with_change(step: ShownStep, before: Image.Image | None, after: Image.Image | None) -> ShownStep:
    """The step, with what differs between these looks marked."""
    if before is None or after is None:
        return step
    changed = tuple(on(box, Size(*after.size)) for box in changed_boxes(before, after))
    return step.model_copy(update={"changed": changed})


def picture_in(run: Path, address: str) -> Image.Image | None:
    """A picture of a run; None if it is none, or cannot be read."""
    if (path := picture_path(run, address)) is None:
        return None
    try:
        with Image.open(path) as opened:
            return opened.convert("RGB")
    except (OSError, Image.DecompressionBombError):
        return None


def on(box: Box, screen: Size) -> Mark:
    """A box in percent of a screen or picture."""
    return Mark(
        left=100 * box.left / screen.width,
        top=100 * box.top / screen.height,
        width=100 * (box.right - box.left) / screen.width,
        height=100 * (box.bottom - box.top) / screen.height,
    )


def cut(text: str) -> str:
    """The text, or its beginning and the number of further characters."""
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}... ({len(text) - LONGEST} more characters)"


def _address(seen: Seen, run: Path, page: Path) -> str:
    return quote(os.path.relpath(run / seen.picture, page).replace(os.sep, "/"), errors="replace")


def _points(action: Action | None, screen: Size) -> tuple[Mark, ...]:
    points = action.points() if action else {}
    return tuple(
        Mark(left=100 * point.x / screen.width, top=100 * point.y / screen.height, label=name)
        for name, point in points.items()
    )
