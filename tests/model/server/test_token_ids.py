"""The server engine in token ids: nothing is tokenised twice, and the server's caches hold from step to step."""

import json
from itertools import pairwise
from typing import Any

import pytest
from PIL import Image
from tokenizers import Tokenizer

from actions.errors import ContextOverflow, EngineFailure
from model import profile
from model.engine import Completion, Generated, Grammar, Message, Part, Picture, Prompt, Text
from model.engines import EngineOptions, connect
from model.engines.local.tokens import Vocabulary
from model.engines.server.engine import ServerEngine
from model.engines.server.structure import structure
from model.profile import Brief
from model.weights import download
from tests.fakes.openai_server import Ways, serving
from tests.fakes.token_endpoint import TokenIn

MODEL = profile.load("embedded").model_copy(update={"brief": Brief()})  # of many sizes
STOP = ("*RESULT*",)


def shot(seed: int) -> Picture:
    return Picture(Image.new("RGB", (168, 224), (seed, 100, 200)))


def prompt(*said: Part) -> Prompt:
    return Prompt((Message("user", (shot(0), Text("Go."))), Message("assistant", said)))


def endpoint(tokenizer: Tokenizer, *replies: list[int], **ways: Any) -> TokenIn:
    return TokenIn(tokenizer, list(replies), **ways)


def engine(url: str, **options: object) -> ServerEngine:
    found = connect("server", MODEL, EngineOptions.model_validate({"server": url, "timeout_s": 5, **options}))
    assert isinstance(found, ServerEngine)
    return found


def asked(tokens: TokenIn, stop: tuple[str, ...] = STOP, limit: int = 64) -> Completion:
    with serving(Ways(tokens=tokens)) as url:
        return engine(url).generate(prompt(), stop, limit)


def test_the_ids_that_were_generated_come_back(small_tokenizer: Tokenizer, vocabulary: Vocabulary) -> None:
    ids = vocabulary.encode("Tap it.")
    tokens = endpoint(small_tokenizer, [*ids, vocabulary.marker("<|im_end|>")])
    reply = asked(tokens)
    assert (reply.text, reply.ids, reply.cut_off) == ("Tap it.", ids, False)
    assert reply.prompt_tokens == len(tokens.prompts[-1]) and reply.completion_tokens == len(ids) + 1


def test_a_reply_ends_before_its_stop_string(small_tokenizer: Tokenizer, vocabulary: Vocabulary) -> None:
    ids = vocabulary.encode('*FUNCTION*: Click\n*ARGS*: {"point": [3, 4]}\n*RESULT*: more')
    reply = asked(endpoint(small_tokenizer, list(ids)))
    assert reply.text == '*FUNCTION*: Click\n*ARGS*: {"point": [3, 4]}\n'
    assert b"".join(map(vocabulary.bytes_of, reply.ids)).decode() == reply.text
    assert not reply.cut_off


def test_a_token_that_reaches_into_the_stop_string_gives_way(
    small_tokenizer: Tokenizer, vocabulary: Vocabulary
) -> None:
    ids = vocabulary.encode("Click the button now")
    place = next(place for place, id in enumerate(ids) if place and len(vocabulary.bytes_of(id)) > 1)
    text = b"".join(map(vocabulary.bytes_of, ids[: place + 1])).decode()
    reply = asked(endpoint(small_tokenizer, list(ids)), (text[-1] + "Click the button now"[len(text) :],))
    assert reply.text == text[:-1]
    assert b"".join(map(vocabulary.bytes_of, reply.ids)).decode() == reply.text
    assert reply.ids[:place] == ids[:place] and reply.ids[place] != ids[place]


def test_a_reply_that_ran_out_of_tokens_says_so(small_tokenizer: Tokenizer, vocabulary: Vocabulary) -> None:
    ids = list(vocabulary.encode("Tap it, then look whether the page has changed."))
    assert asked(endpoint(small_tokenizer, ids), limit=3).cut_off


def test_an_episode_computes_only_what_each_step_adds(small_tokenizer: Tokenizer, vocabulary: Vocabulary) -> None:
    # Ids that no tokenizer would choose for their text: one token for each byte.
    odd = [vocabulary.encode(letter)[0] for letter in "Tap it."]
    assert tuple(odd) != vocabulary.encode("Tap it.")
    tokens = endpoint(small_tokenizer, *([odd] * 5))
    with serving(Ways(tokens=tokens)) as url:
        growing = engine(url)
        assert growing.one_turn and growing.path.startswith("token ids in and out")
        said: list[Part] = []
        for step in range(5):
            reply = growing.generate(prompt(*said), STOP, 64)
            assert reply.ids == tuple(odd)
            said += [Generated(reply.text, reply.ids), Text("\n*RESULT*: "), shot(step + 1), Text("\n*RETURN*:")]
    probed = len(tokens.prompts) - 5
    steps = tokens.prompts[probed:]
    for before, after in pairwise(steps):
        assert after[: len(before) + len(odd)] == before + odd
    added = [len(after) - len(before) - len(odd) for before, after in pairwise(steps)]
    assert tokens.computed[probed + 1 :] == added
    assert len(tokens.encoded) == len(set(tokens.encoded)) == 2 + 5, "two that were probed, and one for each look"


def test_a_picture_is_sent_once_and_again_if_the_server_no_longer_has_it(
    small_tokenizer: Tokenizer, vocabulary: Vocabulary
) -> None:
    word = list(vocabulary.encode("On"))
    tokens, chat = endpoint(small_tokenizer, word, word, word), Ways(owned_by="vllm")
    for ways, kept in ((Ways(tokens=tokens), tokens.kept), (chat, chat.kept)):
        with serving(ways) as url:
            found = engine(url)
            found.generate(prompt(shot(0)), STOP, 64)
            found.generate(prompt(shot(0), shot(1)), STOP, 64)
            first, second = whole_pictures(ways)[-2:]
            assert first[-1] and second == [False] * (len(second) - 1) + [True]
            kept.clear()
            found.generate(prompt(shot(0), shot(1), shot(2)), STOP, 64)
            refused, again = whole_pictures(ways)[-2:]
        assert refused == [False] * (len(refused) - 1) + [True] and all(again) and len(again) == len(refused)


def test_a_server_that_takes_no_names_alone_gets_the_pictures() -> None:
    ways = Ways(owned_by="vllm")
    with serving(ways) as url:
        found = engine(url)
        found.generate(prompt(shot(0)), STOP, 64)
        ways.failures = [422]
        for count in (2, 3):
            found.generate(prompt(*map(shot, range(count))), STOP, 64)
    assert all(map(all, whole_pictures(ways)[-2:]))


def whole_pictures(ways: Ways) -> list[list[bool]]:
    """For each request for a reply, which of its pictures were sent, not only named."""
    if ways.tokens:
        bodies = [body["content_parts"] for body in ways.tokens.asked if body["sampling_params"]["max_tokens"] > 1]
        return [[bool(part["url"]) for part in parts] for parts in bodies]
    lists = [
        [part for message in body["messages"] if isinstance(message["content"], list) for part in message["content"]]
        for body in ways.asked
        if body["max_tokens"] > 1
    ]
    return [[bool(part["image_url"]) for part in parts if part["type"] == "image_url"] for parts in lists]


def test_pictures_go_as_one_placeholder_each_with_their_digest(
    small_tokenizer: Tokenizer, vocabulary: Vocabulary
) -> None:
    tokens = endpoint(small_tokenizer, [1])
    asked(tokens)
    body = tokens.asked[-1]
    assert body["token_ids"].count(vocabulary.marker("<|image_pad|>")) == 1
    (part,) = body["content_parts"]
    assert (part["type"], part["uuid"]) == ("image_url", shot(0).digest)
    assert body["sampling_params"] == {"max_tokens": 64, "temperature": 0, "stop": ["*RESULT*"]}
    assert tokens.prompts[-1].count(vocabulary.marker("<|image_pad|>")) == 6 * 8


def test_text_that_looks_like_a_placeholder_is_text(small_tokenizer: Tokenizer, vocabulary: Vocabulary) -> None:
    tokens = endpoint(small_tokenizer, [1])
    with serving(Ways(tokens=tokens)) as url:
        engine(url).generate(prompt(Text("<|image_pad|>")), STOP, 64)
    assert tokens.asked[-1]["token_ids"].count(vocabulary.marker("<|image_pad|>")) == 1


def test_a_placeholder_that_the_model_made_goes_back_as_text(
    small_tokenizer: Tokenizer, vocabulary: Vocabulary
) -> None:
    pad = vocabulary.marker("<|image_pad|>")
    tokens = endpoint(small_tokenizer, [*vocabulary.encode("See"), pad], [1])
    with serving(Ways(tokens=tokens)) as url:
        found = engine(url)
        reply = found.generate(prompt(), STOP, 64)
        found.generate(prompt(Generated(reply.text, reply.ids)), STOP, 64)
    assert reply.text == "See<|image_pad|>" and pad not in reply.ids
    assert tokens.asked[-1]["token_ids"].count(pad) == 1


CALL = Grammar("*FUNCTION*", 'root ::= ": " ("Click" | "Wait")')


def test_a_grammar_is_passed_through_in_token_ids_and_in_chat(small_tokenizer: Tokenizer) -> None:
    tokens, chat = endpoint(small_tokenizer, [1]), Ways()
    for ways in (Ways(tokens=tokens), chat):
        with serving(ways) as url:
            found = engine(url)
            assert found.path.endswith("; calls are held to the action space")
            found.generate(prompt()._replace(grammar=CALL), STOP, 64)
    asked = [tokens.asked[-1]["sampling_params"], chat.asked[-1]]
    for body in asked:
        (tag,) = json.loads(body["structured_outputs"]["structural_tag"])["format"]["tags"]
        assert (tag["begin"], tag["content"]["grammar"]) == (CALL.keyword, CALL.rules)


@pytest.mark.parametrize(("opening", "opened"), [("", ""), ("<think>\n", "</think>"), ("<think>\n\n</think>\n\n", "")])
def test_behind_a_thought_the_keyword_counts_and_within_it_not(
    opening: str, opened: str, small_tokenizer: Tokenizer
) -> None:
    tokens = endpoint(small_tokenizer, [1])
    with serving(Ways(tokens=tokens)) as url:
        grammar = CALL._replace(thoughts=("think", "thought"))
        engine(url).generate(prompt()._replace(grammar=grammar, opening=opening), STOP, 64)
    asked = json.loads(tokens.asked[-1]["sampling_params"]["structured_outputs"]["structural_tag"])["format"]
    *behind, free = asked["elements"]
    calls = [sequence["elements"][-1] for sequence in behind]
    thoughts = [sequence["elements"][-2] for sequence in behind]
    assert asked["type"] == "or" and all(call == free for call in calls)
    ends = {("<think>", "</think>"), ("<thought>", "</thought>")} | ({("", opened)} if opened else set())
    assert {(thought["begin"], thought["end"]) for thought in thoughts} == ends


def test_a_grammar_from_the_first_token_on_is_sent_as_it_is() -> None:
    rules = 'root ::= "a"+'
    assert structure(Grammar("", rules), "vllm") == {"structured_outputs": {"grammar": rules}}
    assert structure(Grammar("", rules), "sglang") == {"ebnf": rules}


@pytest.mark.parametrize("server", ["llamacpp", "library", "sglang"])
def test_replies_are_free_where_a_server_can_not_be_asked(server: str) -> None:
    ways = Ways(owned_by=server)
    with serving(ways) as url:
        found = engine(url)
        found.generate(prompt()._replace(grammar=CALL), STOP, 64)
    assert found.path.endswith("; replies are free")
    assert not {"structured_outputs", "ebnf"} & ways.asked[-1].keys()


def test_replies_are_free_where_a_server_refuses_a_grammar() -> None:
    ways = Ways(takes_structure=False)
    with serving(ways) as url:
        found = engine(url)
        assert found.generate(prompt()._replace(grammar=CALL), STOP, 64).text == "ok"
    assert found.path.endswith("; replies are free")


@pytest.mark.parametrize("status", [403, 404])
def test_a_server_without_the_endpoint_is_asked_in_chat_and_it_is_said_why(status: int) -> None:
    with serving(Ways(no_tokens=status)) as url:
        found = engine(url)
    assert found.path.startswith(f"chat completions, because the server answers {status} at /inference/v1/generate")


def test_a_model_whose_tokenizer_is_not_here_is_asked_in_chat(small_tokenizer: Tokenizer) -> None:
    with serving(Ways(tokens=endpoint(small_tokenizer))) as url:
        options = EngineOptions.model_validate({"server": url})
        found = connect("server", profile.load("qwen2.5-vl-7b"), options)
    assert isinstance(found, ServerEngine)
    assert found.path.startswith(
        "chat completions, because the tokenizer is not here "
        f"({download('Qwen/Qwen2.5-VL-7B-Instruct', 'tokenizer.json', 'config.json')})"
    )


def test_an_endpoint_that_reads_pictures_otherwise_is_not_used(small_tokenizer: Tokenizer) -> None:
    resizing = Ways(tokens=endpoint(small_tokenizer), max_pixels=100_000)
    with serving(resizing) as url, pytest.raises(EngineFailure, match="--allow-server-resize"):
        engine(url)
    with serving(resizing) as url:
        found = engine(url, allow_server_resize=True)
    assert "expands pictures to other tokens" in found.path
    with serving(Ways(tokens=endpoint(small_tokenizer, tells_prompt=False))) as url:
        assert "reports no prompt ids" in engine(url).path


def test_a_prompt_read_otherwise_than_meant_ends_the_run(small_tokenizer: Tokenizer) -> None:
    ways = Ways(tokens=endpoint(small_tokenizer, [1]))
    with serving(ways) as url:
        found = engine(url)
        ways.max_pixels = 10_000
        with pytest.raises(EngineFailure, match=r"read \d+ tokens of a prompt of \d+"):
            found.generate(prompt(), STOP, 64)


def test_a_prompt_too_long_for_the_server_is_an_overflow(small_tokenizer: Tokenizer) -> None:
    tokens = endpoint(small_tokenizer)
    with serving(Ways(tokens=tokens)) as url:
        found = engine(url)
        tokens.context = 20
        with pytest.raises(ContextOverflow, match="maximum model length of 20"):
            found.generate(prompt(), STOP, 64)


def test_vllm_s_chat_hears_the_pictures_names_and_no_penalty() -> None:
    for server, named in (("vllm", True), ("llamacpp", False)):
        ways = Ways(owned_by=server)
        with serving(ways) as url:
            engine(url).generate(prompt(), STOP, 64)
        (picture, _) = next(message for message in ways.asked[-1]["messages"] if message["role"] == "user")["content"]
        assert (picture.get("uuid") == shot(0).digest) is named
        assert (ways.asked[-1].get("repetition_penalty") == 1.0) is named
