"""One line per step for a human, a spinner while the model works, and a summary at the end."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from rich.markup import escape
from rich.table import Table
from rich.text import Text

from agent.doctor import Check
from agent.episode import Ending, Episode, Step, Turn
from agent.loop import Policy
from agent.terminal import Terminal, cut, visible
from devices import Observation

WIDTH = 80
"""Columns of a step's line."""
SAID = 200
"""Characters of an action that are printed at a step."""
ANSWER = 4000
"""Characters of an answer that are printed; the record has all of it."""
COLOURS = {Ending.ANSWERED: "green", Ending.FINISHED: "green", Ending.STOPPED: "yellow"}


class ShownPolicy:
    """A policy with a spinner while it decides."""

    def __init__(self, policy: Policy, console: Terminal) -> None:
        self._policy = policy
        self._console = console

    def act(self, instruction: str, steps: Sequence[Step], observation: Observation) -> Turn:
        at_work = self._console.status(f"step {len(steps)}: the model is at work", spinner=self._console.spinner)
        with at_work as self._console.spinning:
            return self._policy.act(instruction, steps, observation)


def print_step(console: Terminal, step: Step, verbose: bool = False) -> None:
    """Prints one line: the action or the mistake, and why; with `verbose` also where the time went."""
    turn = step.turn
    thought = " ".join((turn.thought or ("" if turn.action else turn.text)).split())
    if turn.part:
        thought = "(of the same reply)"
    if turn.repetition:
        thought = f"{turn.repetition.how}. {turn.repetition.why} {thought}".strip()
    said = " ".join(f"{step.outcome.text} {turn.hint}".split())
    done = cut(str(turn.action), SAID) if turn.action else ""
    permit, colour = step.outcome.permit or "", "" if step.outcome.performed else "yellow"
    line = Text.assemble(
        (f"{step.index:3d} ", "dim"),
        (f"{visible(done)} ", "bold"),
        (turn.mistake.kind, "red") if turn.mistake else (permit, colour),
    )
    for part in dict.fromkeys((thought, said) if step.acted else (said, thought)):
        line.append(f" {visible(part)}")
    if not verbose:
        line.truncate(min(WIDTH, console.width), overflow="ellipsis")
    console.print(line, _times(step) if verbose else "", no_wrap=not verbose)


def _times(step: Step) -> str:
    settle = step.observation.settling.waited_s if step.observation.settling else 0.0
    usage = step.turn.usage
    parts = {"capture": step.seconds.look - settle, "settle": settle}
    parts |= {"prompt": usage.prompt_s, "model": usage.model_s} if usage else {"decide": step.seconds.think}
    parts["act"] = step.seconds.act
    tokens = f" {usage.prompt_tokens}+{usage.completion_tokens} tokens" if usage else ""
    return "(" + " ".join(f"{name} {max(seconds, 0):.2f}" for name, seconds in parts.items()) + f" s{tokens})"


def print_summary(console: Terminal, episode: Episode, page: Path) -> None:
    """Prints the ending, the answer and the path of the record's page."""
    seconds = sum(sum(step.seconds) for step in episode.steps)
    mistakes = sum(step.turn.mistake is not None for step in episode.steps)
    colour = COLOURS.get(episode.ending, "red")
    count = f"{_counted(len(episode.steps), 'step')}, {_counted(mistakes, 'mistake')}, {seconds:.1f} s"
    console.print(f"[bold {colour}]{episode.ending.value}[/bold {colour}] after {count}", markup=True)
    if episode.ending is Ending.FINISHED_UNVERIFIED:
        console.print(episode.steps[-1].turn.hint, soft_wrap=True)
    if episode.answer:
        console.print(cut(episode.answer, ANSWER))
        if len(episode.answer) > ANSWER:
            console.print(f"The whole answer is in {page.parent}/result.json.", soft_wrap=True)
    console.print(f"Record: {page}", soft_wrap=True)


def _counted(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"


def print_checks(console: Terminal, checks: Iterable[Check], needed: set[str]) -> int:
    """Prints each check, with a command for each missing item; 1 if a needed one is missing."""
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


def print_listing(console: Terminal, listing: Mapping[str, Mapping[str, Iterable[str]]]) -> int:
    """Prints the available names by kind, and within a kind by group."""
    for kind, groups in listing.items():
        table = Table("tried" if len(groups) > 1 else kind, kind, show_header=len(groups) > 1, box=None, pad_edge=False)
        for said, names in groups.items():
            table.add_row(said or kind, ", ".join(names))
        console.print(table)
        console.print()
    return 0
