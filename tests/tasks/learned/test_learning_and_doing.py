"""A session learns a run with a scripted model, repeats it without, and hands over where the page has changed."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import run_agent
from actions.errors import EngineFailure, UsageError
from actions.web import Goto
from agent.episode import Ending, Episode, How
from agent.record import read_episode
from devices.browser import shared_chromium
from model.engine import Engine
from tasks.learned.late import LateEngine
from tasks.learned.learning import told
from tasks.session import Session
from tests.devices.browser.at import BUTTON, Site
from tests.fakes.openai_server import Ways, serving

PAGE = f"<h1>Shop</h1><input id=q autofocus><button {BUTTON} onclick='location=`/done?q=${{q.value}}`'>Buy</button>"
BUY = '*FUNCTION*: Click\n*ARGS*: {"point": [100, 130]}'
TYPE = '*FUNCTION*: Type\n*ARGS*: {"text": "tea"}'
DONE = '*FUNCTION*: Finish\n*ARGS*: {"status": "success"}'


@pytest.fixture(scope="module")
def shop() -> Iterator[Site]:
    with Site.served() as site, shared_chromium.keeping():
        site.add("/", PAGE)
        site.add("/done", "<h1>Thank you</h1>")
        yield site


def session(tmp_path: Path, shop: Site, *replies: str, **options: Any) -> Session:
    (tmp_path / "replies.txt").write_text("\n---\n".join(replies), encoding="utf-8")
    return Session(
        model="qwen2.5-vl-7b",
        notation="function_args",
        replies=tmp_path / "replies.txt",
        headless=True,
        address=f"{shop.address}/",
        runs=tmp_path / "runs",
        learn=tmp_path / "buy",
        parameters={"what": "tea"},
        checks=["url contains /done"],
        **options,
    )


def hows(episode: Episode) -> list[How]:
    return [step.turn.repetition.how for step in episode.steps if step.turn.repetition]


def test_a_run_is_learned_repeated_with_another_value_and_handed_over(tmp_path: Path, shop: Site) -> None:
    with session(tmp_path, shop, TYPE, BUY, DONE, BUY, DONE) as opened:
        assert opened.run("Buy tea.").finished
        written = (tmp_path / "buy.toml").read_text()
        assert 'instruction = "Buy {{what}}."' in written and 'text = "{{what}}"' in written
        opened.act(Goto(url=f"{shop.address}/"))

        repeated = opened.do(tmp_path / "buy", what="coffee")
        assert repeated.finished and hows(repeated) == [How.REPEATED] * 3 and repeated.instruction == "Buy coffee."
        assert opened.look().location.endswith("/done?q=coffee")
        assert opened.record and hows(read_episode(opened.record)) == [How.REPEATED] * 3
        assert told(repeated) == "Learned run: 3 repeated, 0 found again, 0 handed over."

        shop.add("/", PAGE.replace(">Buy<", ">Order<"))  # renamed: no match, no click
        opened.act(Goto(url=f"{shop.address}/"))
        handed = opened.do(tmp_path / "buy", what="milk")
        assert handed.finished and opened.look().location.endswith("/done?q=milk")
        assert [how for how in hows(handed) if how is not How.WAITED] == [
            How.REPEATED,
            How.HANDED_OVER,
            How.HANDED_OVER,
        ]
        opened.act(Goto(url=f"{shop.address}/"))
        again = opened.do(tmp_path / "buy")  # what the model did was kept
        assert again.finished and hows(again) == [How.REPEATED] * 3 and again.instruction == "Buy milk."


def test_a_dialog_is_answered_again_only_if_it_says_the_same(tmp_path: Path, shop: Site) -> None:
    """Neither learning nor repeating needs the page, which answers nothing while its dialog is open."""
    asks = PAGE.replace("onclick='", "onclick='if (confirm(`Buy it?`)) ")
    shop.add("/", asks)
    yes = '*FUNCTION*: AnswerDialog\n*ARGS*: {"answer": "accept"}'
    with session(tmp_path, shop, TYPE, BUY, yes, DONE) as opened:
        assert opened.run("Buy tea.").finished
        opened.act(Goto(url=f"{shop.address}/"))
        assert hows(opened.do(tmp_path / "buy")) == [How.REPEATED] * 4
        shop.add("/", asks.replace("Buy it?", "Delete it?"))
        opened.act(Goto(url=f"{shop.address}/"))
        handed = opened.do(tmp_path / "buy")
        assert not handed.finished and hows(handed)[:2] == [How.REPEATED] * 2 and How.REPEATED not in hows(handed)[2:]
        assert opened.look().location == f"{shop.address}/"


def test_the_model_starts_only_where_a_run_cannot_be_repeated(
    tmp_path: Path, shop: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    shop.add("/", PAGE)
    with session(tmp_path, shop, TYPE, BUY, DONE) as opened:
        assert opened.run("Buy tea.").finished

    def done(server: str) -> tuple[int, str]:
        check = ["--check", "url contains /done", "--headless", "--runs", str(tmp_path / "runs")]
        code = run_agent.main(["--do", str(tmp_path / "buy"), "--model", "qwen2.5-vl-7b", "--server", server, *check])
        return code, " ".join(capsys.readouterr().out.split())

    ways = Ways(replies=[BUY, DONE])
    with serving(ways) as url:
        assert done(url)[0] == 0 and not ways.asked, "a server that nobody needed was not asked"
        shop.add("/", PAGE.replace(">Buy<", ">Order<"))
        code, printed = done(url)
        assert code == 0 and "1 repeated, 0 found again, 2 handed over" in printed and ways.asked


def test_a_model_that_cannot_start_late_is_a_failure_of_the_run() -> None:
    def start() -> Engine:
        raise UsageError("No weights.")

    engine = LateEngine(start)
    engine.close()
    with pytest.raises(EngineFailure, match=r"The model could not be started: No weights\."):
        engine.count_tokens("tea")


def test_a_task_of_a_suite_repeats_a_learned_run_without_a_model(tmp_path: Path, shop: Site) -> None:
    shop.add("/", PAGE)
    with session(tmp_path, shop, TYPE, BUY, DONE) as opened:
        assert opened.run("Buy tea.").finished
    (tmp_path / "suite.toml").write_text(
        f"""[[tasks]]
        id = "buy"
        instruction = "Buy {{{{what}}}}."
        address = "{shop.address}/"
        learned = "buy"
        parameters = {{ what = "{{{{what}}}}" }}
        rows = [{{ what = "milk" }}]
        checks = [{{ kind = "url", contains = "q=milk" }}]
        """
    )
    arguments = ["--engine", "scripted", "--headless", "--runs", str(tmp_path / "runs")]
    assert run_agent.main(["--suite", str(tmp_path / "suite.toml"), *arguments]) == 0
    shop.add("/", PAGE.replace(">Buy<", ">Order<"))
    assert run_agent.main(["--suite", str(tmp_path / "suite.toml"), *arguments]) == 1


def test_what_was_not_confirmed_is_not_kept(tmp_path: Path, shop: Site) -> None:
    with session(tmp_path, shop, TYPE, DONE, DONE) as opened:
        assert opened.run("Buy tea.").ending is Ending.FINISHED_UNVERIFIED
    assert not (tmp_path / "buy.toml").exists()
    with pytest.raises(UsageError, match="nothing confirms the word of embedded: pass --check"):
        Session(model="embedded", learn=tmp_path / "buy")


def test_a_run_of_another_device_or_size_is_refused(tmp_path: Path, shop: Site) -> None:
    shop.add("/", PAGE)
    with session(tmp_path, shop, TYPE, BUY, DONE) as opened:
        assert opened.run("Buy tea.").finished
        path = tmp_path / "buy.toml"
        learned = path.read_text()
        for before, after, message in (
            ('device = "browser"', 'device = "android"', "was learned on the device android, not on browser"),
            ("screen = [1288, 812]", "screen = [400, 812]", "was learned on a screen of 400x812"),
            ('action = "Click"', 'action = "Tap"', "step 1: There is no action 'Tap'"),
            ("[steps.targets.point]", "[steps.targets.there]", "step 1 has no point 'there'"),
        ):
            assert before in learned
            path.write_text(learned.replace(before, after))
            with pytest.raises(UsageError, match=re.escape(message)):
                opened.do(tmp_path / "buy")
