"""A reply of two calls, in any two forms: both are read, or what is not read is reported."""

from collections.abc import Callable
from itertools import product

import pytest

from actions.errors import MalformedReply, ModelMistake, NoCall
from prompts.reading.replies import Reply
from tests.prompts.reading_of import notation
from tests.prompts.test_read_reply import ANY

Place = tuple[int, int]
FIRST, SECOND = (301, 402), (503, 604)
FORMS: dict[str, Callable[[Place], str]] = {
    "function_args": lambda at: f'*FUNCTION*: Click\n*ARGS*: {{"point": {[*at]}}}',
    "flowers": lambda at: f'\u273fFUNCTION\u273f: Click\n\u273fARGS\u273f: {{"point": {[*at]}}}',
    "tool_call": lambda at: f'<tool_call>\n{{"name": "Click", "arguments": {{"point": {[*at]}}}}}\n</tool_call>',
    "xml_call": lambda at: (
        "<tool_call>\n<function=computer_use>\n<parameter=action>\nleft_click\n</parameter>\n"
        f"<parameter=coordinate>\n{[*at]}\n</parameter>\n</function>\n</tool_call>"
    ),
    "verb": lambda at: f"click(start_box='{at}')",
    "ui_tars": lambda at: f"Thought: x\nAction: click(start_box='{at}')",
    "code": lambda at: f"pyautogui.click{at}",
    "fenced code": lambda at: f"```python\npyautogui.click{at}\n```",
    "json": lambda at: f'{{"action": "click", "coordinate": {[*at]}}}',
    "fenced json": lambda at: f'```json\n{{"action": "click", "coordinate": {[*at]}}}\n```',
    "os-atlas": lambda at: f"CLICK <point>[{[*at]}]</point>",
    "step-gui": lambda at: f"explain:x\taction:CLICK\tpoint:{at[0]},{at[1]}\tsummary:y",
    "autoglm": lambda at: f'<answer>do(action="Tap", element={[*at]})</answer>',
    "ui-venus": lambda at: f"<think>x</think><action>Click(box={at})</action>",
    "answer": lambda at: f'<answer>{{"action": "click", "coordinate": {[*at]}}}</answer>',
    "label": lambda at: f'Action: Click {{"point": {[*at]}}}',
}
BETWEEN = ("\n", "\n\n", " ", "; ", ", ", " and then ", "\nNext:\n", "\nThen I ", " or ")


@pytest.mark.parametrize("first", FORMS)
def test_of_two_calls_in_any_forms_none_is_dropped_silently(first: str) -> None:
    read = 0
    for second, between in product(FORMS, BETWEEN):
        text = FORMS[first](FIRST) + between + FORMS[second](SECOND)
        try:
            reply = notation(ANY, "browser").read_reply(text)
        except ModelMistake:
            continue
        assert reply.unread or clicked(reply) == [[*FIRST], [*SECOND]], text
        read += not reply.unread
    assert read >= 40


def clicked(reply: Reply) -> list[object]:
    return [call.arguments["point"] for call in (reply.call, *reply.others)]


@pytest.mark.parametrize("between", [" or ", "\nor\n", " \u6216 ", " / "])
def test_of_two_calls_joined_by_or_none_is_made(between: str) -> None:
    for first, second in product(sorted(FORMS.keys() - {"step-gui"}), FORMS):  # whose line ends with prose
        with pytest.raises((MalformedReply, NoCall)):
            notation(ANY, "browser").read_reply(FORMS[first](FIRST) + between + FORMS[second](SECOND))


@pytest.mark.parametrize("form", sorted(FORMS.keys() - {"step-gui"}))  # whose line ends with prose
@pytest.mark.parametrize("more", ["{}(5, 6)", "{}, [5, 6]", '{}\n{{"text": "a"}}', '{}\n*ARGS*: {{"text": "a"}}'])
def test_more_arguments_behind_a_call_are_reported(form: str, more: str) -> None:
    try:
        reply = notation(ANY, "browser").read_reply(more.format(FORMS[form](FIRST)))
    except ModelMistake:
        return
    assert reply.unread


@pytest.mark.parametrize("other", ["pyperclip.copy('x')", "os.system('ls')", "foo(3)", "text = pyperclip.paste()"])
@pytest.mark.parametrize("form", sorted(FORMS.keys() - {"step-gui"}))  # whose line ends with prose
def test_code_between_calls_is_reported_and_what_follows_it_is_not_performed(form: str, other: str) -> None:
    reply = notation(ANY, "browser").read_reply(f"{FORMS[form](FIRST)}\n{other}\n{FORMS[form](SECOND)}")
    assert other in reply.unread and clicked(reply) == [[*FIRST]]
