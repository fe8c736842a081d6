"""Each family's documented replies are read as what they mean, in the frame and the notation of its profile."""

import tomllib
from collections import Counter
from pathlib import Path

import pytest

import devices
from actions.control import Finish
from actions.geometry import Size
from agent.policy import ModelPolicy
from devices import Observation
from model import profile
from model.engine import Completion
from model.engines.scripted import ScriptedEngine
from prompts import notations
from tests.fakes.pictures import PictureRow
from tests.prompts.reading_of import FRAME, SPACES, meaning

REPLIES = tomllib.loads((Path(__file__).parent / "families.toml").read_text(encoding="utf-8"))["reply"]


@pytest.mark.parametrize("reply", REPLIES, ids=[f"{reply['profile']}-{at}" for at, reply in enumerate(REPLIES)])
def test_a_reply_of_a_family_means_what_its_authors_say(reply: dict[str, str]) -> None:
    model = profile.load(reply["profile"])
    frame = model.frame_size(model.image_size(FRAME), FRAME)
    assert meaning(reply["space"], model.notation, reply["text"], frame) == reply["means"]


def test_each_family_has_at_least_eight_replies_and_most_of_them_act() -> None:
    counts = Counter(reply["profile"] for reply in REPLIES)
    assert min(counts.values()) >= 8 and len(counts) >= 15
    refused = [reply for reply in REPLIES if reply["means"].endswith(("Arguments", "Action", "NoCall", "Reply"))]
    assert len(refused) * 8 <= len(REPLIES)


def test_fara_s_answer_is_the_thought_before_its_last_call() -> None:
    model, space = profile.load("fara-7b"), SPACES["browser"]
    policy = ModelPolicy(model, ScriptedEngine((), model), space)
    call = (
        '<tool_call>\n{"name": "computer_use", "arguments": {"action": "terminate", "status": "success"}}\n</tool_call>'
    )
    said = Completion(f"The price is 5.\n{call}", (), 1, 1, cut_off=False)
    look: Observation = PictureRow(Size(1440, 900)).observe()
    _, action, mistake = policy.read(said, policy.viewport(look))
    assert action == Finish(status="success", text="The price is 5.") and mistake is None


def test_every_profile_s_notation_describes_its_own_frame() -> None:
    for name in profile.names():
        model = profile.load(name)
        frame = model.frame_size(model.image_size(devices.PAGE), devices.PAGE)
        text = notations.load(model.notation, SPACES["desktop"]).system(frame)
        unit = "0 to 1" if model.frame == "parts" else "1000" if model.frame == "thousandths" else str(frame.width)
        assert unit in text or "(1, 1)" in text, name
