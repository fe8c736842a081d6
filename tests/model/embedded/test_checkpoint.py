"""The checkpoint that ships with the project: loads, fits its profile, and answers as the library says."""

import re

import pytest
import torch
from PIL import Image, ImageDraw
from tokenizers import Tokenizer

from model import profile as profiles
from model.engine import Picture
from model.engines import EngineOptions, connect
from model.engines.local.engine import LocalEngine
from model.engines.local.load import load
from model.profile import Profile
from tests.model import tiny

CALL = re.compile(r'\*FUNCTION\*: Click\n\*ARGS\*: {"point": \[\d+, \d+\]}')


@pytest.fixture(scope="module")
def profile() -> Profile:
    return profiles.load("embedded")


@pytest.fixture(scope="module")
def engine(profile: Profile) -> LocalEngine:
    engine = connect("local", profile, EngineOptions())
    assert isinstance(engine, LocalEngine)
    return engine


def test_the_profile_fits_the_checkpoint(profile: Profile, engine: LocalEngine) -> None:
    assert profile.brief and profile.notation == "function_args"
    screen = profile.screen
    assert screen is not None and profile.brief.picture == screen and profile.image_size(screen) == screen
    prompt = tiny.question("Click button ONE.", tiny.picture(0))
    assert prompt.pictures[0].size == screen
    tokens = len(engine.vocabulary.lay_out(prompt).ids)
    assert tokens == prompt.token_count(engine.count_tokens, profile.image_tokens)
    assert tokens + profile.max_new_tokens < profile.context


def test_its_tokens_in_float32_are_those_of_the_librarys_generate(profile: Profile, small_tokenizer: Tokenizer) -> None:
    model = load(tiny.EMBEDDED, profile, torch.device("cpu"), torch.float32)
    engine = LocalEngine(model, small_tokenizer, profile)
    for seed in range(6):
        prompt = tiny.question('Click on the "ok" button.', tiny.picture(seed))
        expected = tiny.library_reply(model, engine.vocabulary.lay_out(prompt), engine.vocabulary, 48)
        assert list(engine.generate(prompt, (), 48).ids) == expected


def test_it_writes_one_call_and_ends_its_turn(engine: LocalEngine, profile: Profile) -> None:
    assert profile.screen is not None
    page = Image.new("RGB", profile.screen, "white")
    ImageDraw.Draw(page).rectangle((7, 78, 135, 99), outline="black")
    prompt = tiny.question("Focus into the textbox.", Picture(page))
    completion = engine.generate(prompt, ("*RESULT*", "*RETURN*"), profile.max_new_tokens)
    assert CALL.fullmatch(completion.text) and not completion.cut_off
