"""`ScriptedEngine`: returns given replies, one after the other. For tests, replays and solutions.

Points in its file are in pixels of the screen, whatever the model's frame.

A block of its file that begins with `*VERIFY*:` is a reply to the question whether the task is done.
"""

from collections.abc import Iterable, Sequence
from itertools import chain, repeat

from actions.errors import ContextOverflow, EngineFailure, UsageError
from model.engine import Completion, Prompt
from model.engines import EngineOptions
from model.profile import Profile
from model.weights import token_counter

SEPARATOR = "---"
VERIFY = "*VERIFY*:"


class ScriptedEngine:
    """Returns the replies in order, each cut at the first stop string, as any engine cuts them."""

    one_turn = True

    def __init__(self, replies: Iterable[str], profile: Profile, verdicts: Sequence[str] = ()) -> None:
        """`verdicts` are what it says when it is asked whether the task is done."""
        self.verifying: ScriptedEngine | None = None
        """What answers that; after the last of its replies it says nothing. None where there are none."""
        if verdicts:
            self.verifying = ScriptedEngine(chain(verdicts, repeat("")), profile)
        self._replies = iter(replies)
        self._given = 0
        self._profile = profile
        self.count_tokens = token_counter(profile.weights)

    def generate(self, prompt: Prompt, stop: tuple[str, ...], max_new_tokens: int) -> Completion:
        """The next reply.

        Raises:
            EngineFailure: no reply is left. ContextOverflow: the prompt is too long for the profile.
        """
        size = prompt.token_count(self.count_tokens, self._profile.image_tokens)
        if size + max_new_tokens > self._profile.context:
            raise ContextOverflow(
                f"The prompt has {size} tokens, which with {max_new_tokens} for the reply is more than the context of "
                f"{self._profile.context}. Raise --context."
            )
        reply = next(self._replies, None)
        if reply is None:
            raise EngineFailure(f"The script has only {self._given} replies, and another one was requested.")
        self._given += 1
        for marker in stop:
            reply = reply.split(marker)[0]
        return Completion(reply, (), size, self.count_tokens(reply), cut_off=False)

    def skip(self, replies: int, verdicts: int) -> None:
        """Omits what it has said earlier in a run that continues."""
        for _ in range(replies):
            next(self._replies, None)
        if self.verifying:
            self.verifying.skip(verdicts, 0)

    def close(self) -> None:
        pass


def connect(profile: Profile, options: EngineOptions) -> ScriptedEngine:
    """An engine that returns the replies of the options' file.

    Raises:
        UsageError: no file is given, or it is unreadable or empty.
    """
    if options.replies is None:
        raise UsageError(f"The scripted engine needs --replies FILE: replies separated by lines of {SEPARATOR}.")
    try:
        text = options.replies.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"The replies {options.replies} cannot be read: {error}.") from error
    if not text.strip():
        raise UsageError(f"The file {options.replies} holds no replies. Write some, separated by lines of {SEPARATOR}.")
    blocks = read_replies(text)
    replies = [block for block in blocks if not block.startswith(VERIFY)]
    return ScriptedEngine(replies, profile, [block[len(VERIFY) :] for block in blocks if block.startswith(VERIFY)])


def read_replies(text: str) -> list[str]:
    """The blocks of a file of replies, without the line ends around the separators."""
    replies: list[list[str]] = [[]]
    for line in text.split("\n"):
        if line.rstrip("\r") == SEPARATOR:
            replies.append([])
        else:
            replies[-1].append(line)
    return ["\n".join(lines).strip("\n") for lines in replies]
