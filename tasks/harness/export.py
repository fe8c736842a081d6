"""`export`: solved episodes as training data, one conversation per line, with their pictures as separate files.

Two formats. ShareGPT as LLaMA-Factory reads it: `conversations` of `from` and `value`, with `<image>` for a picture,
and `images` with their paths. ChatML in the parts of Qwen's chat template: `messages` of `role` and `content`, whose
parts have the `type` text or image. Paths are relative to the file's folder. The conversation is built by the code that
builds prompts for models, with each round in its own messages, so that training and running agree.
"""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from actions.errors import RecordFailure, UsageError
from agent.episode import Episode
from agent.layouts import layout_of
from agent.policy import ModelPolicy
from agent.record import read_episode
from agent.run_info import RunInfo, read_info
from model.engine import Message, Picture, Text
from model.engines.scripted import ScriptedEngine
from tasks.harness.results import MODEL, Results, in_order

FORMATS = ("sharegpt", "chatml")
IMAGE = "<image>"
SPEAKERS = {"system": "system", "user": "human", "assistant": "gpt"}


class _NoModel(ScriptedEngine):
    """An engine that is never called; it keeps each round in its own messages."""

    one_turn = False


def export(run: Path, target: Path) -> int:
    """Writes the conversations of a suite's run, or of one episode; returns their number.

    Of a suite, only episodes with the full score and without a mistake are used. The format is the part of the file's
    name before the extension: `mine.sharegpt.jsonl` or `mine.chatml.jsonl`.

    Raises:
        UsageError: the folder has no run, the run has no suitable episode, or the name has no format.
        RecordFailure: the file cannot be written.
    """
    form = Path(target.stem).suffix.removeprefix(".")
    if form not in FORMATS or target.suffix != ".jsonl":
        raise UsageError(
            f"{target.name!r} has no format. Use a name like mine.sharegpt.jsonl, mine.chatml.jsonl or run.gif."
        )
    conversations = [
        each for folder in _solved(run) for each in _conversations(read_info(folder), read_episode(folder))
    ]
    if not conversations:
        raise UsageError(f"{run} has no solved episode without a mistake, so there is nothing to export.")
    pictures = target.with_suffix("")
    try:
        pictures.mkdir(parents=True, exist_ok=True)
        with target.open("w", encoding="utf-8") as file:
            for messages in conversations:
                content = _sharegpt(messages, pictures) if form == "sharegpt" else _chatml(messages, pictures)
                file.write(json.dumps(content, ensure_ascii=False) + "\n")
    except OSError as error:
        raise RecordFailure(f"{target} cannot be written: {error.strerror}.") from error
    return len(conversations)


def _solved(run: Path) -> list[Path]:
    """The folders of the suitable episodes."""
    if not (run / "results.jsonl").is_file():
        return [run]
    results = Results(run / "results.jsonl")
    own = (result for result in in_order(results) if result.actor == MODEL)
    return [run / result.place for result in own if result.passed and not result.mistakes]


def _conversations(info: RunInfo, episode: Episode) -> Iterator[tuple[Message, ...]]:
    """The episode as at its last step; for a model without history, each step separately."""
    if not episode.steps or any(step.turn.mistake for step in episode.steps):
        return
    policy = ModelPolicy(info.profile, _NoModel((), info.profile), info.space())
    asked = [step for step in episode.steps if step.turn.part == 0]
    for step in asked[-1:] if layout_of(info.profile).remembers else asked:
        prompt = policy.prompt(episode.instruction, episode.steps[: step.index], step.observation)
        yield (*prompt.messages[:-1], Message("assistant", (Text(step.turn.text),)))


def _sharegpt(messages: Sequence[Message], pictures: Path) -> dict[str, object]:
    """Breaks picture markers within a text, which would otherwise stand for another picture."""
    said, images = [], []
    for message in messages:
        value = ""
        for part in message.parts:
            if isinstance(part, Picture):
                value += IMAGE
                images.append(_saved(part, pictures))
            else:
                value += part.text.replace(IMAGE, "< image >")
        said.append({"from": SPEAKERS[message.role], "value": value})
    return {"conversations": said, "images": images}


def _chatml(messages: Sequence[Message], pictures: Path) -> dict[str, object]:
    def content(message: Message) -> list[dict[str, str]]:
        return [
            {"type": "image", "image": _saved(part, pictures)}
            if isinstance(part, Picture)
            else {"type": "text", "text": part.text}
            for part in message.parts
        ]

    return {"messages": [{"role": message.role, "content": content(message)} for message in messages]}


def _saved(picture: Picture, folder: Path) -> str:
    """The picture's path relative to the file's folder; equal pictures share a file."""
    path = folder / f"{picture.digest[:32]}.png"
    if not path.exists():
        path.write_bytes(picture.png)
    return path.relative_to(folder.parent).as_posix()
