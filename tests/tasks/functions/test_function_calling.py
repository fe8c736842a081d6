"""Function calling: every sample is solvable, calls are compared as JSON values, and a missing call is counted too."""

import json
from pathlib import Path

from PIL import Image

from actions.action import Call
from agent.loop import Policy
from agent.policy import ModelPolicy
from devices import Environment
from devices.functions import AddContact, Functions, OrderDish, RecordExpense
from model.engines.scripted import ScriptedEngine
from tasks.functions.draw import FONT, draw
from tasks.functions.function_task import PICTURES
from tasks.functions.samples import MAKERS, samples
from tasks.functions.scoring import Attempt, Called, attempts, right_calls, summary
from tasks.harness.rescoring import rescore
from tasks.task import SuiteOptions, Task
from tests.tasks.grounding.made import MODEL, run, saying, solving

EXPENSE = RecordExpense(shop="Tool Shed", date="2025-01-02", total=12.0)


def tried(*replies: str) -> tuple[Attempt, ...]:
    """The attempts that replies are, read as a model's are."""
    space = Functions(Image.new("RGB", (56, 56)))
    policy = ModelPolicy(MODEL, ScriptedEngine(replies, MODEL), space.action_space)
    return attempts(policy.act("", [], space.observe()) for _ in replies)


def call(name: str, **arguments: object) -> str:
    return f"<tool_call>\n{json.dumps({'name': name, 'arguments': arguments})}\n</tool_call>"


def right(reply: str) -> bool:
    return right_calls(Called("receipt", (EXPENSE,), tried(reply))) == 1


def test_there_are_pictures_of_every_kind_in_both_languages() -> None:
    made = samples()
    assert len(made) >= 60 and len({sample.id for sample in made}) == len(made)
    assert {(sample.kind, sample.language) for sample in made} == {
        (kind, lang) for kind in MAKERS for lang in ("en", "zh")
    }
    assert {path.stem for path in PICTURES.iterdir()} == {sample.id for sample in made}
    assert sum(len(sample.gold) for sample in made) > len(made), "some ask for several calls"


def test_the_pictures_show_what_the_samples_say() -> None:
    assert FONT.is_file(), f"{FONT} is missing: sudo apt-get install fonts-noto-cjk"
    for sample in samples()[::5]:
        with Image.open(PICTURES / f"{sample.id}.png") as stored:
            assert stored.convert("L").tobytes() == draw(sample).convert("L").tobytes(), sample.id


def test_every_argument_in_words_is_printed_on_its_picture() -> None:
    for sample in samples():
        printed = [
            sample.title,
            *(word for line in sample.lines for word in line),
            *(label for label, _ in sample.bars),
        ]
        text = " ".join(printed).replace(" ", "")
        for gold in sample.gold:
            for _, value in gold:
                if isinstance(value, str):
                    assert value.replace(" ", "") in text, (sample.id, value)


def test_the_suite_is_solved_by_its_solution_and_judged_again_alike(tmp_path: Path) -> None:
    results = run("function-calling", SuiteOptions(), tmp_path, solving)
    assert [result.score and result.score.value for result in results] == [1.0] * len(samples())
    figures = rescore(tmp_path, "function-calling", SuiteOptions()).figures
    assert (figures["tm"], figures["em"], figures["tm_attempted"], figures["abstained"]) == (1.0, 1.0, 1.0, 0.0)
    assert figures["per_kind"]["menu"]["calls"] == 16


def test_not_calling_is_told_apart_from_calling_wrongly(tmp_path: Path) -> None:
    run("function-calling", SuiteOptions(), tmp_path / "words", saying("I would rather not."))
    figures = rescore(tmp_path / "words", "function-calling", SuiteOptions()).figures
    assert (figures["tm"], figures["tm_attempted"], figures["abstained"]) == (0.0, None, 1.0)


def test_asking_again_for_a_call_is_no_step_of_a_sample(tmp_path: Path) -> None:
    def late(task: Task, environment: Environment) -> Policy:
        (sample,) = (sample for sample in samples() if sample.id == task.id)
        style = ModelPolicy(MODEL, ScriptedEngine([], MODEL), environment.action_space).notation
        calls = [style.write_call(Call(type(gold).__name__, gold.model_dump())) for gold in sample.gold]
        replies = [reply for made in calls for reply in ("I will do it.", made)]
        return ModelPolicy(MODEL, ScriptedEngine(replies, MODEL), environment.action_space)

    results = run("function-calling", SuiteOptions(), tmp_path, late)
    assert {result.score and result.score.value for result in results} == {1.0}
    figures = rescore(tmp_path, "function-calling", SuiteOptions()).figures
    assert (figures["em"], figures["em_attempted"]) == (1.0, 1.0)


def test_arguments_are_compared_as_json_values() -> None:
    same = {"shop": "Tool Shed", "date": "2025-01-02", "total": 12}
    assert right(call("RecordExpense", **same)), "a number by value, a default filled in"
    assert right(call("RecordExpense", currency="EUR", total=12.0, date="2025-01-02", shop="Tool Shed"))
    assert not right(call("RecordExpense", **{**same, "shop": "tool shed"})), "text is not folded"
    assert not right(call("RecordExpense", **{**same, "total": "12"})), "text is no number"
    assert not right(call("RecordExpense", **{**same, "currency": "USD"}))


def test_a_call_with_arguments_that_the_function_does_not_take_still_names_it() -> None:
    replies = (call("RecordExpense", shop="x"), call("Fly"), call("OrderDish", dish="a", quantity="2"), "No.", "")
    assert [attempt.name for attempt in tried(*replies)] == ["RecordExpense", "?", "OrderDish"]


def test_several_calls_are_compared_without_their_order_and_each_only_once() -> None:
    soup, cake = OrderDish(dish="Soup"), OrderDish(dish="Cake", quantity=2)
    made = tried(call("OrderDish", dish="Cake", quantity=2), call("OrderDish", dish="Soup", quantity=1))
    assert right_calls(Called("menu", (soup, cake), made)) == 2
    assert right_calls(Called("menu", (soup, soup), made)) == 1
    figures = summary([Called("menu", (soup, cake), made[:1]), Called("form", (EXPENSE,), made[:1])])
    assert (figures["tm"], figures["em"], figures["tm_attempted"]) == (1 / 3, 1 / 3, 0.5)


def test_tagged_parameters_have_the_types_of_the_function() -> None:
    """Qwen3.5 writes every value as text: digits may be a number or a text, as the function says."""
    tags = "<tool_call>\n<function=%s>\n%s</function>\n</tool_call>"
    contact = {"name": "Ada", "company": "42", "phone": "491234567", "email": "a@b.example"}
    written = "".join(f"<parameter={word}>\n{value}\n</parameter>\n" for word, value in contact.items())
    dish = "<parameter=dish>\n7\n</parameter>\n<parameter=quantity>\n2\n</parameter>\n"
    made = tried(tags % ("AddContact", written), tags % ("OrderDish", dish))
    assert [attempt.call for attempt in made] == [AddContact(**contact), OrderDish(dish="7", quantity=2)]
