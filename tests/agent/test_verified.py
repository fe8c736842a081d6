"""The model's word that it is done counts only where nothing denies it."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

import run_agent
from actions.action import ActionSpace
from actions.control import CONTROL, Answer, Finish, Verdict
from actions.errors import UsageError
from actions.geometry import Point, Size
from actions.mouse import Click
from agent.episode import Ending, Episode, Seconds, Step, Turn
from agent.policy import ModelPolicy
from agent.record import read_episode, read_lines
from agent.verifying import Verifier
from devices import Observation
from model import profile
from model.engine import Completion, Picture, Prompt
from model.engines.scripted import ScriptedEngine
from prompts import notations
from tasks.scripted.checks import AdbCheck
from tasks.scripted.claims import read_check
from tasks.session import Session
from tasks.worlds.site_server import site
from tests.fakes.drawn import Drawn

PAGE = "<title>Shop</title><button onclick=\"document.body.innerText = 'Thank you'\">Buy</button>"


def call(name: str, **arguments: object) -> str:
    return f"*FUNCTION*: {name}\n*ARGS*: {json.dumps(arguments)}"


BUY = call("Click", point=[30, 20])
ASIDE = call("Click", point=[400, 300])
DONE = call("Finish", status="success", text="It is bought.")
ANSWER = call("Answer", text="42")
YES = "*VERIFY*:" + call("Verdict", holds=True, reason="The page thanks.")
NO = "*VERIFY*:" + call("Verdict", holds=False, reason="The button is still there.")


def played(tmp_path: Path, *replies: str, **options: Any) -> Episode:
    (tmp_path / "page.html").write_text(PAGE, encoding="utf-8")
    (tmp_path / "replies.txt").write_text("\n---\n".join(replies), encoding="utf-8")
    given: dict[str, Any] = {"model": "qwen2.5-vl-7b", "replies": tmp_path / "replies.txt", "headless": True}
    given |= {"address": str(tmp_path / "page.html"), "runs": tmp_path / "runs"} | options
    with Session(**given) as session:
        return session.episode("buy it", record=tmp_path / "run")


def replayed(tmp_path: Path) -> int:
    return run_agent.main(["--replay", str(tmp_path / "run")])


def kinds(episode: Episode) -> list[str]:
    return [step.turn.mistake.kind if step.turn.mistake else "" for step in episode.steps]


def test_a_no_is_told_once_with_its_reason_and_a_yes_then_ends_it_well(tmp_path: Path) -> None:
    episode = played(tmp_path, ASIDE, DONE, BUY, DONE, NO, YES)
    assert (episode.ending, kinds(episode)) == (Ending.FINISHED, ["", "NotDone", "", ""])
    assert episode.steps[1].outcome.text.startswith("This is not confirmed: The button is still there. Go on")
    made = episode.steps[3].turn.verification
    assert made and made.holds and made.reason == "The page thanks."
    assert "is all that the user asked for done?" in made.question and "Verdict" in made.question
    assert read_episode(tmp_path / "run") == episode
    assert read_lines(tmp_path / "run")[3].verification
    assert replayed(tmp_path) == 0


def test_a_second_no_ends_it_as_unverified(tmp_path: Path) -> None:
    episode = played(tmp_path, ASIDE, DONE, DONE, NO, NO)
    assert (episode.ending, episode.ending.exit_code, episode.finished) == (Ending.FINISHED_UNVERIFIED, 1, False)
    assert (episode.answer, episode.declared) == ("It is bought.", "It is bought.")
    assert episode.steps[2].turn.hint == "Not confirmed: The button is still there."
    assert replayed(tmp_path) == 0


def test_a_changed_record_of_the_answer_is_found_by_the_replay(tmp_path: Path) -> None:
    played(tmp_path, ASIDE, DONE, DONE, NO, NO)
    trajectory = tmp_path / "run" / "trajectory.jsonl"
    trajectory.write_text(trajectory.read_text().replace('"holds":false', '"holds":true', 1))
    assert replayed(tmp_path) == 1


@pytest.mark.parametrize("said", ["", "It is bought, I think.", call("Click", point=[1, 1])])
def test_what_is_neither_yes_nor_no_confirms_nothing(tmp_path: Path, said: str) -> None:
    episode = played(tmp_path, BUY, DONE, DONE, f"*VERIFY*:{said}")
    assert episode.ending is Ending.FINISHED_UNVERIFIED
    assert episode.steps[2].turn.hint == "Not confirmed: The question whether it is so was not answered."


def test_a_plain_yes_or_no_with_a_reason_is_understood(tmp_path: Path) -> None:
    episode = played(tmp_path, BUY, DONE, ANSWER, "*VERIFY*: no, the total is missing", "*VERIFY*: Yes: it says 42.")
    assert (episode.ending, episode.answer) == (Ending.ANSWERED, "42")
    assert [made.reason for step in episode.steps if (made := step.turn.verification)] == [
        "the total is missing",
        "it says 42.",
    ]


def test_a_script_without_verdicts_is_not_asked(tmp_path: Path) -> None:
    episode = played(tmp_path, BUY, DONE)
    assert episode.ending is Ending.FINISHED and episode.steps[1].turn.verification is None


def test_success_without_an_action_counts_only_where_something_confirms_it(tmp_path: Path) -> None:
    episode = played(tmp_path, DONE)
    assert (episode.ending, episode.answer) == (Ending.FINISHED_UNVERIFIED, "It is bought.")
    assert episode.steps[0].turn.hint == "No action was performed, and nothing confirms that the task is done."


@pytest.mark.parametrize(
    ("replies", "options", "ending"),
    [
        ((DONE,), {"verify": False}, Ending.FINISHED),
        ((DONE, NO), {"verify": False}, Ending.FINISHED),
        ((DONE, YES), {}, Ending.FINISHED),
        ((call("Wait", seconds=0.1), DONE), {}, Ending.FINISHED_UNVERIFIED),
        ((ANSWER,), {}, Ending.ANSWERED),
        ((call("Finish", status="failure"), NO), {}, Ending.GAVE_UP),
        ((DONE,), {"checks": ("text contains Buy",)}, Ending.FINISHED),
    ],
)
def test_what_counts_at_once(tmp_path: Path, replies: Sequence[str], options: dict[str, Any], ending: Ending) -> None:
    assert played(tmp_path, *replies, **options).ending is ending


def test_the_users_own_checks_stand_instead_of_the_question(tmp_path: Path) -> None:
    checks = ("text contains Thank you", "url contains page.html")
    episode = played(tmp_path, ASIDE, DONE, BUY, DONE, NO, checks=checks)
    assert (episode.ending, kinds(episode)) == (Ending.FINISHED, ["", "NotDone", "", ""])
    result = episode.steps[1].outcome.text
    assert "'text contains Thank you' does not hold: the text is 'Buy'." in result
    assert read_episode(tmp_path / "run") == episode and replayed(tmp_path) == 0
    unverified = played(tmp_path / "run", ASIDE, DONE, DONE, checks=checks)
    assert unverified.ending is Ending.FINISHED_UNVERIFIED


def test_an_answer_is_checked_like_any_claim(tmp_path: Path) -> None:
    (tmp_path / "total.txt").write_text("42")
    checks = ("answer equals 43", f"file {tmp_path}/total.txt contains 42")
    episode = played(tmp_path, ANSWER, call("Answer", text="43"), checks=checks)
    assert (episode.ending, episode.answer, kinds(episode)) == (Ending.ANSWERED, "43", ["NotDone", ""])


@pytest.mark.parametrize(
    ("phrase", "device", "said"),
    [
        ("thanks", "browser", "'thanks' is no check. Write one like 'url contains /thanks'"),
        ("url has /thanks", "browser", "is no check"),
        ("url x contains /thanks", "browser", "is no check"),
        ("file contains x", "browser", "is no check"),
        ("adb 'settings equals x", "android", "is no check: No closing quotation"),
        ("url contains /thanks", "desktop", "is for browser; the device is desktop"),
        ("title contains x", "android", "is for browser and desktop"),
        ("region 1,2,3,4 is nowhere.png", "desktop", "needs the picture nowhere.png"),
    ],
)
def test_what_is_no_check_of_this_device_is_refused_at_the_start(phrase: str, device: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        read_check(phrase, device)


def test_phrases_are_the_checks_of_suite_files() -> None:
    adb = read_check("not adb settings get global wifi_on equals 1", "android")
    assert isinstance(adb, AdbCheck) and adb.negated
    assert (adb.command, adb.equals) == (("settings", "get", "global", "wifi_on"), "1")
    assert read_check(r"title matches Order \d+", "browser").expected() == r"the title matches 'Order \\d+'"
    assert read_check("file a b.txt contains contains it", "desktop").model_dump()["path"] == Path("a b.txt")


def test_a_model_that_reads_no_questions_is_not_asked(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="embedded cannot be asked: its profile does not say `verifies`"):
        Session(model="embedded", verify=True)
    verifying = {name for name in profile.names() if profile.load(name).verifies}
    assert verifying == {name for name in profile.names() if name.startswith("qwen2.5-vl-")}
    small = profile.load("embedded").brief
    assert small and "unchecked" in small.knows


class Heard:
    """An engine that keeps the prompts that it was given; it says the same each time."""

    one_turn = True

    def __init__(self, said: str) -> None:
        self.said = said
        self.prompts: list[Prompt] = []

    def generate(self, prompt: Prompt, stop: tuple[str, ...], max_new_tokens: int) -> Completion:
        self.prompts.append(prompt)
        return Completion(self.said, (), 1, 1, cut_off=False)

    def count_tokens(self, text: str) -> int:
        return len(text)

    def close(self) -> None:
        pass


@pytest.mark.parametrize("notation", notations.names())
def test_the_question_stands_behind_the_same_conversation_and_is_held_to_a_verdict(notation: str) -> None:
    chosen = profile.adjusted(profile.load("qwen2.5-vl-7b"), notation=notation)
    space = ActionSpace((Click,), CONTROL)
    written = notations.load(notation, ActionSpace((Verdict,)))
    sample = space.encode(
        Verdict(holds=True, reason="It says so."), ModelPolicy(chosen, Heard(""), space).viewport(look())
    )
    acting, asked = Heard(""), Heard(written.write_call(sample))
    done = Turn(
        notations.load(notation, space).write_call(sample._replace(name="Finish", arguments={"status": "success"})),
        "",
        Finish(status="success"),
    )
    steps = [
        Step(
            0,
            look(),
            Turn("Clicking.", "", Click(point=Point(1, 2))),
            Drawn(lambda *_: 0).perform(Click(point=Point(1, 2))),
            Seconds(0, 0, 0),
        )
    ]
    ModelPolicy(chosen, acting, space).asked("buy it", steps, look())
    made = Verifier(chosen, asked, space)("buy it", steps, done, look(), look())
    assert made.holds and made.reason == "It says so."
    before, after = shown(acting.prompts[0]), shown(asked.prompts[0])
    assert after[: len(before) - 1] == before[:-1], "all but the last text, which goes on, is the same"
    assert str(after[len(before) - 1]).startswith(str(before[-1])[:-2])
    if held := asked.prompts[0].grammar:
        assert "[Vv][Ee][Rr][Dd][Ii][Cc][Tt]" in held.rules and "[Cc][Ll][Ii][Cc][Kk]" not in held.rules


def shown(prompt: Prompt) -> list[object]:
    """The segments of a prompt, pictures by their pixels."""
    return [part.image.tobytes() if isinstance(part, Picture) else part for part in prompt.chatml()]


def look() -> Observation:
    return Drawn(lambda *_: 0).observe()


def test_the_command_line_takes_checks_and_says_what_was_not_confirmed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "replies.txt").write_text("\n---\n".join([ASIDE, DONE, DONE]), encoding="utf-8")
    words = ["buy it", "--model", "qwen2.5-vl-7b", "--replies", str(tmp_path / "replies.txt"), "--headless"]
    with site() as url:
        words += ["--address", f"{url}/login.html", "--runs", str(tmp_path / "runs")]
        assert run_agent.main([*words, "--check", "url contains /thanks", "--check", "text contains Log in"]) == 1
        printed = capsys.readouterr().out
        assert "finished_unverified" in printed and "'url contains /thanks' does not hold" in " ".join(printed.split())
        assert run_agent.main([*words, "--no-verify"]) == 0
    assert run_agent.main(["--suite", "smoke", "--check", "url contains x"]) == 2


def test_answers_and_other_actions_make_the_claims_that_are_checked() -> None:
    from agent.verifying import claim

    assert claim(Answer(text="4")) == "is '4' the right and whole answer to the user?"
    assert claim(Finish(status="failure")) is None and claim(Click(point=Point(1, 1))) is None and claim(None) is None
    assert Size(1, 1) and ScriptedEngine(["a"], profile.load("embedded")).verifying is None
