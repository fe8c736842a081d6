"""Finds out what a server does with pictures, from its own count of tokens.

The mapping of a model's points relies on the picture arriving at the size at which it was sent. A server that resizes
does not report it (QwenLM/Qwen3-VL issues 946 and 1210); its `prompt_tokens` reveals it.
"""

from collections.abc import Callable

from PIL import Image

from actions.errors import EngineFailure
from actions.geometry import Size
from model.engine import Message, Picture, Prompt, Text
from model.engines.server.client import Refused
from model.profile import Profile

SCREEN = Size(1280, 800)
LARGE = Size(8000, 5000)
SMALL = Size(320, 200)
"""For a profile whose pictures are all smaller than `SCREEN`. llama.cpp enlarges pictures of fewer than 9 tokens."""
REMEDY = (
    "Every click would miss its target. Make the server accept pictures unchanged (vLLM: "
    "--mm-processor-kwargs '{\"max_pixels\": 12845056}'), use a profile with smaller max_pixels, "
    "or continue at your own risk with --allow-server-resize."
)
COMPARED = (
    "Go.",
    'Go to the settings, scroll down 640 pixels and click "Save as ..." at (1280, 17). '
    '{"name": "left_click", "arguments": {"point": [640, 3]}} '
    "\u8bf7\u6253\u5f00\u7f51\u9875 caf\u00e9 \u043a\u043d\u043e\u043f\u043a\u0430",
)
"""Texts that other vocabularies take other numbers of tokens for."""
CountTokens = Callable[[Prompt, bool], int | None]
"""Sends a prompt, continuing its last message or not; returns the server's count of its tokens, if reported."""


def check_sizes(profile: Profile, count: CountTokens) -> None:
    """Refuses a server that resizes the pictures of this profile, or whose behaviour cannot be determined.

    Two pictures are sent, one as small as a screen becomes and one as large as the profile allows; the difference of
    the counts comes from the pictures alone, whatever the server's template adds.

    Raises:
        EngineFailure: the difference is not that of the pictures as sent, or no count is reported.
    """
    sizes = [profile.image_size(size) for size in (SCREEN, LARGE)]
    if sizes[0] == sizes[1]:
        sizes[0] = profile.image_size(SMALL)
    counted = [count(_question(size), False) for size in sizes]
    if counted[0] is None or counted[1] is None:
        raise EngineFailure(f"The server reports no token counts, so a resize would go unnoticed. {REMEDY}")
    found, expected = counted[1] - counted[0], profile.image_tokens(sizes[1]) - profile.image_tokens(sizes[0])
    if found != expected:
        raise EngineFailure(
            f"The server resizes pictures: between one of {sizes[0]} and one of {sizes[1]} it counts {found} tokens, "
            f"but {expected} are expected. {REMEDY}"
        )


def counts_alike(count_text: Callable[[str], int], count: CountTokens) -> bool:
    """Whether the server takes as many tokens for a text as `count_text` says.

    The tokenizer on this machine may belong to another model than the one that is served.
    """
    short, long = (
        count(Prompt((Message("user", (Text(text),)), Message("assistant", ()))), False) for text in COMPARED
    )
    if short is None or long is None:
        return False
    return long - short == count_text(COMPARED[1]) - count_text(COMPARED[0])


def takes_one_turn(profile: Profile, count: CountTokens) -> bool:
    """Whether an assistant message may hold a picture and be continued, so that an episode can be one growing turn.

    A server that ignores the request to continue closes the message and opens another one, which takes more tokens.
    """
    size = profile.image_size(SCREEN)
    grown = Prompt(
        (Message("user", (Text("Look."),)), Message("assistant", (Text("I look: "), _plain(size), Text("\nI see"))))
    )
    bare = Prompt((grown.messages[0], Message("assistant", (Text("I look: "), Text("\nI see")))))
    try:
        continued, closed, without = count(grown, True), count(grown, False), count(bare, True)
    except Refused:
        return False
    if continued is None or closed is None or without is None:
        return False
    # The two texts of the bare prompt are adjacent, so their count may differ by one from texts around a picture.
    return continued < closed and abs(continued - without - profile.image_tokens(size)) <= 1


def leaves_out_thought(count: Callable[[bool | None], int | None]) -> bool:
    """Whether a server begins replies without the thought that the model's own template opens.

    `count` gives its count of a prompt whose reply is asked for with a thought, without one, or as usual. A template
    that always opens one counts all three alike, as does a server that ignores the question.
    """
    try:
        usual, with_thought, without = count(None), count(True), count(False)
    except Refused:
        return False
    return usual == without != with_thought


def _question(size: Size) -> Prompt:
    return Prompt((Message("user", (_plain(size), Text("Look."))), Message("assistant", ())))


def _plain(size: Size) -> Picture:
    return Picture(Image.new("RGB", size, (120, 130, 140)))
