"""Every outcome of a step has its own RESULT text, in the model's frame."""

from PIL import Image

from actions.action import Action, ActionSpace, Outcome
from actions.geometry import Point, Size, Viewport
from actions.keyboard import KEYBOARD, Press, Type
from actions.mouse import MOUSE, Click, Drag
from agent.episode import Mistake, Seconds, Step, Turn
from agent.feedback import in_brief, result_text
from devices import Observation, Settling

SPACE = ActionSpace(MOUSE, KEYBOARD)
VIEW = Viewport(frame=Size(560, 280), screen=Size(1120, 560))


def result(
    action: Action | None,
    outcome: str = "",
    mistake: Mistake | None = None,
    settling: Settling | None = None,
    text: str = "",
) -> str:
    seen = Observation(Image.new("RGB", (10, 10)), VIEW.screen, text, settling)
    step = Step(0, seen, Turn("", "", action, mistake), Outcome(outcome), Seconds(0, 0, 0))
    return result_text(step, seen, SPACE, VIEW)


def test_what_was_executed_is_told_in_the_models_own_frame() -> None:
    assert result(Click(point=Point(1000, 100))) == "Executed Click((500, 50))."
    assert result(Drag(start=Point(2, 4), end=Point(6, 8))) == "Executed Drag((1, 2), (3, 4))."
    assert result(Press(keys=("ctrl", "c"))) == "Executed Press(ctrl+c)."


def test_what_the_device_said_follows() -> None:
    assert result(Type(text="héllo"), "5 characters were typed.") == "Executed Type('héllo'). 5 characters were typed."


def test_long_text_is_shortened() -> None:
    assert len(result(Type(text="x" * 5000))) < 120


def test_a_mistake_says_that_nothing_was_executed_and_why() -> None:
    assert result(None, "Say it again.", Mistake("MalformedReply", "Say it again.")) == (
        "Not executed (MalformedReply). Say it again."
    )


def test_a_refusal_says_so_though_there_was_an_action() -> None:
    text = result(Click(point=Point(2, 2)), "The tab is closed.", Mistake("ActionRefused", "The tab is closed."))
    assert text == "Not executed (ActionRefused). The tab is closed."


def test_how_the_screen_settled_and_changed_is_told() -> None:
    click = Click(point=Point(2, 2))
    assert result(click, settling=Settling(True, 0.42, 0.123)).endswith("settled after 0.4 s. 12% of it changed.")
    assert result(click, settling=Settling(False, 5.0, 0.5)).endswith(
        "was still moving after 5.0 s. 50% of it changed."
    )
    assert result(click, settling=Settling(True, 0.2, 0.0)).endswith("Nothing visibly changed.")
    assert result(click, settling=Settling(True, 0.2, 0.001)).endswith("1% of it changed.")
    assert result(click, settling=Settling(True, 0.2, None)).endswith("settled after 0.2 s.")


def test_what_else_the_device_shows_comes_last() -> None:
    assert result(Click(point=Point(2, 2)), text="2 tabs are open.").endswith("2 tabs are open.")


def test_a_call_in_brief_is_one_line() -> None:
    assert in_brief(SPACE.encode(Type(text="a\nb"), VIEW)) == r"Type('a\nb')"
