"""One line per step for a human, a spinner while the model works, and a summary at the end."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from rich.markup import escape

from agent.doctor import Check
from agent.episode import Ending, Episode, Step, Turn
from agent.loop import Policy
from agent.terminal import Terminal, cut
from devices import Observation

THOUGHT = 90
SAID = 200
"""Characters of a thought, and of an action or what came of it, that are printed at a step."""
ANSWER = 4000
"""Characters of an answer that are printed; the record has all of it."""
COLOURS = {Ending.ANSWERED: "green", Ending.FINISHED: "green", Ending.STOPPED: "yellow"}


class ShownPolicy:
    """A policy with a spinner while it decides."""

    def __init__(self, policy: Policy, console: Terminal) -> None:
        self._policy = policy
        self._console = console

    def act(self, instruction: str, steps: Sequence[Step], observation: Observation) -> Turn:
        with self._console.status(f"step {len(steps)}: the model is at work", spinner=self._console.spinner):
            return self._policy.act(instruction, steps, observation)


def print_step(console: Terminal, step: Step) -> None:
    """What was thought, done and said back at a step, and where its time went."""
    turn = step.turn
    thought = " ".join((turn.thought or ("" if turn.action else turn.text)).split())
    decision = f"[bold]{escape(cut(str(turn.action), SAID))}[/bold]" if turn.action else ""
    if turn.part:
        thought = "(of the same reply)"
    if turn.mistake:
        decision = f"{decision} [red]{turn.mistake.kind}[/red]".strip()
    said = " ".join(step.outcome.text.split())
    parts = [f"[dim]{step.index:3d}[/dim] {decision}", escape(cut(thought, THOUGHT))]
    parts.append(escape(cut(said, SAID)) if said != thought else "")
    console.print("  ".join(part for part in parts if part), f"[dim]{_times(step)}[/dim]", markup=True)


def _times(step: Step) -> str:
    settle = step.observation.settling.waited_s if step.observation.settling else 0.0
    usage = step.turn.usage
    parts = {"capture": step.seconds.look - settle, "settle": settle}
    parts |= {"prompt": usage.prompt_s, "model": usage.model_s} if usage else {"decide": step.seconds.think}
    parts["act"] = step.seconds.act
    tokens = f" {usage.prompt_tokens}+{usage.completion_tokens} tokens" if usage else ""
    return "(" + " ".join(f"{name} {max(seconds, 0):.2f}" for name, seconds in parts.items()) + f" s{tokens})"


def print_summary(console: Terminal, episode: Episode, folder: Path | None) -> None:
    """How it ended, what was said last, and where the record is."""
    seconds = sum(sum(step.seconds) for step in episode.steps)
    mistakes = sum(step.turn.mistake is not None for step in episode.steps)
    colour = COLOURS.get(episode.ending, "red")
    count = f"{len(episode.steps)} steps, {mistakes} mistakes, {seconds:.1f} s"
    console.print(f"[bold {colour}]{episode.ending.value}[/bold {colour}] after {count}", markup=True)
    if episode.answer:
        whole = f"\nThe whole answer is in {folder}/result.json." if folder and len(episode.answer) > ANSWER else ""
        console.print(cut(episode.answer, ANSWER) + whole)
    if folder:
        console.print(f"Record: {folder}", soft_wrap=True)


def print_checks(console: Terminal, checks: Iterable[Check], needed: set[str]) -> int:
    """What was looked at, with a command for each thing that is missing; 1 when something needed is."""
    missing = 0
    for check in checks:
        wanted = bool(check.needed_by & needed)
        if check.found:
            mark = "[green]ok[/green]     "
        elif wanted:
            mark, missing = "[red]missing[/red]", missing + 1
        else:
            mark = "[dim]absent[/dim] "
        console.print(
            f"{mark} {escape(check.name)}: {escape(check.found or check.remedy)}", markup=True, soft_wrap=True
        )
    console.print("Nothing that is needed is missing." if not missing else f"{missing} needed things are missing.")
    return 1 if missing else 0


def print_listing(console: Terminal, listing: dict[str, list[str]]) -> int:
    """The names there are, by kind."""
    for kind, names in listing.items():
        console.print(f"[bold]{kind}[/bold]: {escape(', '.join(names))}", markup=True)
    return 0
