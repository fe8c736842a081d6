"""A session through its Python interface, on a real browser and on cards, with a scripted model."""

import json
import os
import signal
import threading
from pathlib import Path
from typing import Any, Self

import pytest
from pydantic import BaseModel, Field, model_validator

from actions.action import ActionSpace, Call, Permit
from actions.control import Extract, Finish
from actions.errors import Undecided, UsageError
from actions.geometry import Size
from actions.mouse import Click
from agent.episode import Ending
from agent.record import read_episode
from agent.run_info import read_info
from prompts import notations
from tasks.session import Session, extraction
from tasks.worlds.site_server import site
from tests.devices.browser.at import AT, BUTTON
from tests.model.local.holding import constraints_of, held


def call(name: str, arguments: str) -> str:
    return f"*FUNCTION*: {name}\n*ARGS*: {arguments}"


def session(tmp_path: Path, *replies: str, **options: Any) -> Session:
    """A session in which the model says these replies."""
    (tmp_path / "replies.txt").write_text("\n---\n".join(replies), encoding="utf-8")
    given: dict[str, Any] = {"model": "qwen2.5-vl-7b", "notation": "function_args", "replies": tmp_path / "replies.txt"}
    given |= {} if "device" in options else {"headless": True}
    return Session(**{**given, "runs": tmp_path / "runs", **options})


def test_everything_a_session_can_be_asked_in_one_browser(tmp_path: Path) -> None:
    replies = (
        call("Answer", '{"text": "Log in"}'),
        "The button is on the left. " + call("Click", '{"point": [60, 40]}'),
        call("Verdict", '{"holds": false, "reason": "There is no name of a user."}'),
        call("Click", '{"point": [60, 40]}'),
        call("Finish", '{"status": "success"}'),
        call("Finish", '{"status": "failure", "text": "There is no total."}'),
    )
    with site() as url, session(tmp_path, *replies, address=f"{url}/login.html") as opened:
        seen = opened.look()
        assert seen.screen == seen.image.size
        assert opened.ask("What is the title?") == "Log in"
        point = opened.locate("the button")
        assert opened.record and read_episode(opened.record).steps[0].turn.action == Click(point=point)
        assert opened.look().image.tobytes() == seen.image.tobytes(), "nothing was clicked"
        verified = opened.verify("ada is logged in")
        assert not verified and verified.reason == "There is no name of a user."
        step = opened.act("press the button")
        assert isinstance(step.turn.action, Click) and "Executed" not in step.outcome.text
        assert opened.act(Click(point=point)).turn.action == Click(point=point)
        episode = opened.run("do nothing")
        assert not episode.finished and episode.ending is Ending.FINISHED_UNVERIFIED
        with pytest.raises(Undecided, match="There is no total"):
            opened.ask("What is the total?")
    records = sorted((tmp_path / "runs").iterdir())
    assert {read_info(record).instruction for record in records if (record / "run.json").is_file()} >= {"do nothing"}


def test_denials_of_a_policy_end_no_run_and_are_recorded(tmp_path: Path) -> None:
    """Four in a row; what is not denied goes on; an action of the caller that is denied is no success."""
    (tmp_path / "careful.toml").write_text('[[rule]]\ndecision = "ask"\nwords = ["log in"]\nactions = ["Click"]\n')
    click = call("Click", '{"point": [100, 130]}')
    replies = (*[click] * 4, call("Type", '{"text": "ada"}'), call("Finish", '{"status": "success"}'))
    policy = str(tmp_path / "careful.toml")
    (tmp_path / "page.html").write_text(f"<button {BUTTON}>Log in</button>")
    with session(tmp_path, *replies, address=str(tmp_path / "page.html"), policy=policy) as opened:
        episode = opened.run("log in")
        with pytest.raises(Undecided, match="nobody is there to ask"):
            opened.act(Click(point=AT))
    assert episode.ending is Ending.FINISHED and opened.record
    assert [step.outcome.permit for step in episode.steps] == [Permit.DENIED] * 4 + [None] * 2
    assert not any(step.turn.mistake for step in episode.steps)


class Line(BaseModel):
    name: str
    price: float = Field(gt=0)


class Order(BaseModel):
    """An order in a shop."""

    number: int
    paid: bool
    lines: list[Line]
    note: str | None = None

    @model_validator(mode="after")
    def _not_empty(self) -> Self:
        if not self.lines:
            raise ValueError("an order has a line")
        return self


ORDER = {"number": 17, "paid": True, "lines": [{"name": "tea", "price": 2.5}, {"name": 'a "cup"', "price": 4}]}


@pytest.mark.parametrize("notation", ["function_args", "tool_call"])
def test_what_is_extracted_is_an_object_of_the_model_and_is_recorded(notation: str, tmp_path: Path) -> None:
    def written(value: object) -> str:
        if notation == "function_args":
            return call("Extract", json.dumps(value))
        return f"<tool_call>\n{json.dumps({'name': 'Extract', 'arguments': value})}\n</tool_call>"

    replies = (
        written({"value": ORDER}),
        written(ORDER),  # the fields themselves, as some models write them
        written({"value": ORDER | {"lines": [{"name": "tea", "price": -1}]}}),
        written({"value": ORDER | {"note": "gift"}}),
        *[written({"value": ORDER | {"lines": []}})] * 2,
    )
    with session(tmp_path, *replies, device="cards", notation=notation) as opened:
        order = opened.extract("the order", Order)
        assert type(order) is Order and order == Order.model_validate(ORDER)
        assert opened.extract("the order", Order) == order
        assert opened.extract("the order", Order).note == "gift"
        assert opened.record
        first, second = read_episode(opened.record).steps
        assert first.turn.mistake and "value.lines.0.price: must be more than 0" in first.outcome.text
        assert isinstance(second.turn.action, Extract) and second.turn.action.value["note"] == "gift"
        with pytest.raises(Undecided, match="an order has a line"):
            opened.extract("the order", Order)


@pytest.mark.parametrize("notation", ["function_args", "tool_call"])
def test_the_grammar_of_an_extraction_lets_an_engine_write_its_fields(notation: str) -> None:
    loaded = notations.load(notation, ActionSpace((extraction("the order", Order), Finish)))
    written = loaded.write_call(Call("Extract", {"value": ORDER}))
    assert "price" in loaded.system(Size(100, 100))
    assert held(constraints_of("small"), loaded.grammar(), written).text == written


def test_ctrl_c_is_raised_again(tmp_path: Path) -> None:
    with session(tmp_path, call("Wait", '{"seconds": 60}'), device="cards") as opened:
        interrupt = threading.Timer(2, os.kill, (os.getpid(), signal.SIGINT))
        interrupt.start()
        with pytest.raises(KeyboardInterrupt):
            opened.run("wait")
        assert opened.record and read_episode(opened.record).ending is Ending.STOPPED


def test_a_reply_that_answers_nothing_is_no_answer(tmp_path: Path) -> None:
    replies = [call("Hit", "{}")] * 3
    with session(tmp_path, *replies, device="cards") as opened, pytest.raises(Undecided, match="No action for"):
        opened.ask("How many points are there?")


def test_what_the_model_cannot_be_asked_is_refused_with_the_reason(tmp_path: Path) -> None:
    with (
        session(tmp_path, "x", model="embedded", notation=None, device="cards") as opened,
        pytest.raises(UsageError, match="embedded acts on the screen but cannot answer questions"),
    ):
        opened.ask("How many points are there?")


def test_wrong_options_are_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="There is no option adress"):
        Session(adress="x")
    with pytest.raises(UsageError, match=r"max_steps: .*greater than 0"):
        Session(max_steps=0)
    with pytest.raises(UsageError, match="with block"):
        session(tmp_path, "x").look()


def test_an_action_of_its_own_ends_well_when_it_is_finish(tmp_path: Path) -> None:
    with session(tmp_path, "x", device="cards") as opened:
        assert opened.act(Finish(status="success")).outcome.stop is not None
