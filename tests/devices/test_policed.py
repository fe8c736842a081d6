"""What rules and a person decide on an action, without a device: a board of buttons that says what lies where."""

import threading
import time
from collections.abc import Callable, Sequence

import pytest
from PIL import Image, ImageDraw

from actions.action import Action, ActionSpace, Outcome, Permit
from actions.control import CONTROL, AskUser, Finish, Wait
from actions.errors import ActionRefused, TimeUp
from actions.geometry import Point, Size, Viewport
from actions.keyboard import KEYBOARD, Press, Type
from actions.mouse import MOUSE, Click, Drag, MoveTo
from agent.deadline import deadline
from agent.episode import Ending, Turn
from agent.feedback import result_text
from agent.loop import Limits, run_episode
from agent.stalls import Stalls
from devices import Closing, Environment, Observation
from devices.rules.approval import Answer, Approval, Question
from devices.rules.judges import confirming
from devices.rules.places import Detail, Judge, Place
from devices.rules.policy import Policy
from devices.rules.sited import Held
from devices.wrappers.guarded import Attended, DryRun
from devices.wrappers.policed import MOST_REFUSED, Policed
from tests.agent.test_loop import DONE, Row
from tests.fakes.pictures import PictureRow

SCREEN = Size(800, 600)
HERE, THERE = Point(200, 150), Point(600, 450)
CLICK = Click(point=HERE)
CANCEL = Place("https://bank.example/", role="button", name="Cancel", words="Cancel")
TRANSFER = CANCEL._replace(name="Transfer 9000 EUR", words="Transfer 9000 EUR")
NO_PAYING = Policy.model_validate({"rule": [{"decision": "deny", "words": ["pay"]}]}).judge
ASK_PAYING = Policy.model_validate({"rule": [{"decision": "ask", "words": ["pay", "transfer"]}]}).judge


class Board(Closing):
    """A screen with things at two points; it reports what an action touches, and keys touch what was tabbed to."""

    def __init__(self) -> None:
        self.action_space = ActionSpace(MOUSE, KEYBOARD, CONTROL)
        self.things = {HERE: CANCEL, THERE: Place(name="Advert")}
        self.focus: list[Place] = [Place(name="Note", words="Note")]
        self.done: list[Action] = []
        self.caret = False
        self.hovered: dict[Point, Place] = {}
        """What lies there once the pointer comes."""

    def reset(self) -> None: ...

    def observe(self) -> Observation:
        picture = Image.new("RGB", (800, 600), "white")
        draw = ImageDraw.Draw(picture)
        for point, thing in self.things.items():
            draw.text((point.x - 40, point.y - 6), thing.name, "black")
        if self.caret:
            draw.line((HERE.x, HERE.y - 10, HERE.x, HERE.y + 10), "black")
        return Observation(picture, SCREEN)

    def touches(self, action: Action, detail: Detail) -> tuple[Place, ...]:
        places = tuple(self.things.get(point, Place()) for point in action.points().values())
        return places or (self.focus[0],)

    def perform(self, action: Action) -> Outcome:
        if isinstance(action, Finish | Wait):
            return action.apply(self)
        if isinstance(action, MoveTo):
            self.things.update(self.hovered)
            return Outcome()
        self.done.append(action)
        if (isinstance(action, Type) and action.text.endswith("\t")) or action == Press(keys="tab"):
            self.focus.pop(0)
        return Outcome("done")


class Person:
    """Answers one by one, after doing something to the screen; remembers the questions."""

    def __init__(self, *answers: Answer | Approval, meanwhile: Callable[[], object] = lambda: None) -> None:
        self._answers = iter(answers)
        self._meanwhile = meanwhile
        self.asked: list[Question] = []

    def decide(self, question: Question) -> Approval:
        self.asked.append(question)
        self._meanwhile()
        answer = next(self._answers)
        return answer if isinstance(answer, Approval) else Approval(answer)


class Gate(Board):
    """A board whose pages wait for answers; it keeps these."""

    def __init__(self, *waiting: str) -> None:
        super().__init__()
        self._waiting = [Held(url, "only a.test is open in this run", "", "") for url in waiting]
        self.answers: list[tuple[str, bool, str]] = []

    def open_sites(self, instruction: str, asking: bool) -> str:
        return ""

    def held(self) -> Held | None:
        return next(iter(self._waiting), None)

    def answer(self, held: Held, allowed: bool, why: str) -> None:
        self._waiting.remove(held)
        self.answers.append((held.url, allowed, why))


def policed(board: Environment, judge: Judge, person: Person | None = None) -> Policed:
    environment = Policed(board, board, [judge], person)
    environment.observe()
    return environment


def test_what_a_rule_denies_is_not_done_and_the_model_learns_why() -> None:
    board = Board()
    board.things[HERE] = Place(words="Pay now")
    outcome = policed(board, NO_PAYING).perform(CLICK)
    assert outcome == Outcome("It is denied: rule 1, deny words pay. Nothing was done.", permit=Permit.DENIED)
    assert board.done == []
    assert policed(board, NO_PAYING).perform(Click(point=THERE)) == Outcome("done")


def test_keys_that_are_judged_one_by_one_are_held_as_long_as_the_model_asked() -> None:
    board = Board()
    policed(board, NO_PAYING).perform(Press(keys=("ctrl", "a", "b"), seconds=2))
    assert board.done == [Press(keys=("ctrl", "a"), seconds=2), Press(keys=("ctrl", "b"), seconds=2)]


def test_every_place_of_a_gesture_counts() -> None:
    board = Board()
    board.things[THERE] = Place(words="Slide to pay")
    assert not policed(board, NO_PAYING).perform(Drag(start=HERE, end=THERE)).performed


def test_a_denial_is_no_mistake_of_the_model() -> None:
    """Five in a row end no run, and reach the model as results."""
    board = Board()
    board.things[HERE] = Place(words="Pay")
    turns = [Turn("", "", CLICK)] * 5
    environment = policed(board, NO_PAYING)
    episode = run_episode(environment, Row(*turns, DONE), "go", Limits(mistakes=3), lambda step: None)
    assert episode.ending is Ending.FINISHED and board.done == []
    assert not any(step.turn.mistake or step.acted for step in episode.steps[:-1])
    step = episode.steps[0]
    told = result_text(step, step.observation, environment.action_space, Viewport(SCREEN, SCREEN))
    assert told.startswith("Not executed (denied). It is denied: rule 1")


def test_different_denials_are_no_lack_of_progress() -> None:
    board = Board()
    words = [Turn("", "", Type(text=f"pay {number}")) for number in range(12)]
    environment = policed(board, NO_PAYING)
    policy = Stalls(Row(*words, DONE), environment.action_space)
    episode = run_episode(environment, policy, "go", Limits(), lambda step: None)
    assert (episode.ending, len(episode.steps)) == (Ending.FINISHED, 13)
    same = Stalls(Row(*[Turn("", "", Type(text="pay"))] * 12), environment.action_space)
    episode = run_episode(environment, same, "go", Limits(), lambda step: None)
    assert (episode.ending, len(episode.steps)) == (Ending.STALLED, 6)
    assert "tried 2 times before on this screen, and not allowed. It is denied: rule 1" in episode.steps[2].turn.hint
    assert "There is no progress." in episode.answer and "It is denied: rule 1, deny words pay" in episode.answer


def test_with_nobody_there_what_would_be_asked_is_denied() -> None:
    board = Board()
    board.things[HERE] = TRANSFER
    outcome = policed(board, ASK_PAYING).perform(CLICK)
    assert outcome.permit is Permit.DENIED and "nobody is there to ask: rule 1, ask words pay, transfer" in outcome.text
    assert board.done == []


def test_a_yes_is_shown_what_it_is_for_and_performs_it_once() -> None:
    board, person = Board(), Person(Answer.YES, Answer.YES)
    environment = policed(board, confirming, person)
    environment.thought = "I cancel it."
    outcome = environment.perform(CLICK)
    assert outcome == Outcome("The user allowed it. done", permit=Permit.APPROVED) and board.done == [CLICK]
    question = person.asked[0]
    assert (question.places, question.thought) == ((CANCEL,), "I cancel it.")
    assert question.what == f"The model wants to do: {CLICK}"
    assert question.picture.size == (320, 180) and not question.changed
    environment.perform(CLICK)
    assert len(person.asked) == 2, "another yes for another action"


@pytest.mark.parametrize(
    "change",
    [
        lambda board: board.things.update({HERE: TRANSFER}),
        lambda board: board.things.update({HERE: CANCEL._replace(address="https://evil.example/")}),
        lambda board: board.things.update({Point(HERE.x + 90, HERE.y + 40): Place(name="9000 EUR")}),
        lambda board: board.things.update({HERE: CANCEL._replace(unread="The page does not respond.")}),
    ],
    ids=["another button", "another site with the same button", "another amount beside it", "nobody knows"],
)
def test_a_yes_is_void_once_another_thing_lies_there(change: Callable[[Board], None]) -> None:
    board = Board()
    environment = policed(board, confirming, Person(Answer.YES, meanwhile=lambda: change(board)))
    outcome = environment.perform(CLICK)
    assert outcome.permit is Permit.OUTDATED and "Nothing was done. Look again." in outcome.text
    assert board.done == []


@pytest.mark.parametrize(
    "change",
    [
        lambda board: board.things.update({THERE: Place(name="Buy two, pay one")}),
        lambda board: setattr(board, "caret", True),
        lambda board: board.things.update({HERE: CANCEL._replace(near="12:01", address="https://bank.example/#later")}),
    ],
    ids=["an advert elsewhere", "a caret that blinks", "what nobody sees"],
)
def test_what_changes_elsewhere_vetoes_nothing(change: Callable[[Board], None]) -> None:
    board = Board()
    environment = policed(board, confirming, Person(Answer.YES, meanwhile=lambda: change(board)))
    assert environment.perform(CLICK).permit is Permit.APPROVED and board.done == [CLICK]


def test_what_comes_under_the_pointer_is_judged_before_it_is_pressed() -> None:
    board = Board()
    board.hovered = {HERE: TRANSFER}
    outcome = policed(board, ASK_PAYING).perform(CLICK)
    assert outcome.permit is Permit.DENIED and "comes under the pointer" in outcome.text and board.done == []
    board.things[HERE] = CANCEL
    environment = policed(board, confirming, Person(Answer.YES))
    assert environment.perform(CLICK).permit is Permit.OUTDATED and board.done == [], "the yes was for Cancel"
    board.things[HERE], board.hovered = CANCEL, {HERE: CANCEL._replace(name="Cancel it")}
    assert policed(board, ASK_PAYING).perform(CLICK).text == "done"


def test_the_person_learns_that_the_screen_has_changed_since_the_model_looked() -> None:
    board, person = Board(), Person(Answer.NO)
    environment = policed(board, confirming, person)
    board.things[HERE] = TRANSFER
    assert not environment.perform(CLICK).performed
    assert person.asked[0].changed and person.asked[0].places == (TRANSFER,)


@pytest.mark.parametrize(
    ("name", "title", "notes"),
    [
        ("\u0421ancel", "", ["its name mixes Cyrillic and Latin letters, which can look alike"]),
        ("P\u03b1y", "B\u0430nk", ["its name mixes Cyrillic and Greek and Latin letters, which can look alike"]),
        ("\u041e\u0442\u043c\u0435\u043d\u0430 5 \u20bd", "", []),
        ("Amazon\u3067\u8cfc\u5165 \u00e9\uff21", "", []),
    ],
)
def test_the_person_learns_that_a_name_is_written_with_letters_of_look_alike_scripts(
    name: str, title: str, notes: list[str]
) -> None:
    board, person = Board(), Person(Answer.NO)
    board.things[HERE] = Place(name=name, title=title)
    policed(board, confirming, person).perform(CLICK)
    assert [text for fact, text in person.asked[0].facts() if fact == "note"] == notes


def test_a_no_is_the_users_decision_and_the_model_reads_the_reason() -> None:
    board = Board()
    environment = policed(board, confirming, Person(Approval(Answer.NO, "use the other account"), *[Answer.NO] * 4))
    turns = [Turn("", "", CLICK)] * 5
    episode = run_episode(environment, Row(*turns, DONE), "go", Limits(mistakes=3), lambda step: None)
    assert episode.ending is Ending.FINISHED and board.done == []
    assert "The user does not allow it. The user says: use the other account" in episode.steps[0].outcome.text


def test_all_allows_the_kind_for_that_rule_until_the_episode_ends() -> None:
    board, person = Board(), Person(Answer.ALL, Answer.NO, Answer.NO)
    environment = policed(board, confirming, person)
    for _ in range(3):
        environment.perform(CLICK)
    assert len(board.done) == 3 and len(person.asked) == 1
    environment.perform(Type(text="x"))
    assert len(person.asked) == 2, "another kind"
    environment.begin()
    environment.perform(CLICK)
    assert len(person.asked) == 3, "another episode"


def test_what_is_allowed_for_one_rule_is_still_asked_for_another_and_never_lifts_a_denial() -> None:
    board, person = Board(), Person(Answer.ALL, Answer.NO)
    environment = Policed(board, board, [ASK_PAYING, confirming, NO_PAYING], person)
    environment.perform(CLICK)
    board.things[HERE] = TRANSFER
    assert not environment.perform(CLICK).performed and person.asked[1].rule == "rule 1, ask words pay, transfer"
    board.things[HERE] = Place(words="Pay")
    assert environment.perform(CLICK).text.startswith("It is denied") and len(person.asked) == 2


def test_stop_ends_the_run() -> None:
    board = Board()
    environment = policed(board, confirming, Person(Answer.STOP))
    episode = run_episode(environment, Row(Turn("", "", CLICK)), "go", Limits(), lambda step: None)
    assert episode.ending is Ending.STOPPED and board.done == []


def test_a_text_is_judged_again_wherever_a_key_in_it_moves_the_focus() -> None:
    board = Board()
    board.focus = [Place(words="Name"), Place(words="Pay")]
    outcome = policed(board, NO_PAYING).perform(Type(text="Ada\t\n"))
    assert board.done == [Type(text="Ada"), Type(text="\t")] and not outcome.performed
    assert outcome.text.startswith("Only the beginning was done.") and outcome.text.endswith("The rest was not done.")
    board.focus = [Place(words="Name"), Place(words="Note")]
    assert policed(board, NO_PAYING).perform(Type(text="Ada\tx")).performed


def test_a_text_that_the_device_breaks_off_reports_what_was_done() -> None:
    """As when Enter opens a dialog: the rest is refused, which is no mistake, as the beginning was done."""

    class Interrupted(Board):
        def perform(self, action: Action) -> Outcome:
            if self.done:
                raise ActionRefused("The page shows a dialog.")
            super().perform(action)
            return Outcome("3 characters were typed.")

    outcome = policed(Interrupted(), NO_PAYING).perform(Type(text="Ada\tx"))
    assert outcome.performed and outcome.text == (
        "Only the beginning was done. 3 characters were typed. The page shows a dialog. The rest was not done."
    )


def test_one_yes_is_for_the_whole_text() -> None:
    board, person = Board(), Person(Answer.YES)
    board.focus = [Place(words="Name"), Place(words="Note")]
    outcome = policed(board, confirming, person).perform(Type(text="Ada\tx\n"))
    assert (len(person.asked), outcome.permit, len(board.done)) == (1, Permit.APPROVED, 4)
    assert str(Type(text="Ada\tx\n")) in person.asked[0].what


def test_words_that_are_typed_in_pieces_are_put_together() -> None:
    board = Board()
    environment = policed(board, NO_PAYING)
    assert environment.perform(Type(text="p")).performed and environment.perform(Press(keys="a")).performed
    assert not environment.perform(Press(keys="Y")).performed
    environment.perform(CLICK)
    assert environment.perform(Press(keys="y")).performed, "something else has been done in between"


@pytest.mark.parametrize(
    ("steps", "denied"),
    [
        ((Type(text="pax"), Press(keys="backspace"), Press(keys="y")), True),
        ((Type(text="paxx"), Press(keys="backspace"), Press(keys="backspace"), Type(text="y")), True),
        (
            (
                Press(keys="p"),
                Press(keys="f"),
                Press(keys="left"),
                Press(keys="delete"),
                Press(keys="a"),
                Press(keys="y"),
            ),
            False,
        ),
        ((Type(text="pa"), Press(keys="left"), Press(keys="right"), Press(keys="y")), True),
        ((Type(text="pa"), Press(keys="backspace"), Press(keys="y")), False),
        ((Press(keys="backspace"), Type(text="pray")), False),
    ],
)
def test_keys_that_change_what_was_typed_are_followed(steps: Sequence[Action], denied: bool) -> None:
    environment = policed(Board(), NO_PAYING)
    *before, last = steps
    assert all(environment.perform(step).performed for step in before)
    assert environment.perform(last).performed is not denied


def test_what_does_nothing_on_the_device_is_never_judged() -> None:
    everything = Policy.model_validate({"default": "deny"}).judge
    environment = Attended(policed(Board(), everything), lambda question: "yes")
    assert environment.perform(Finish(status="success")).stop and environment.perform(Wait(seconds=0.01)).performed
    assert environment.perform(AskUser(question="May I?")).text == "The user answers: yes"
    assert not environment.perform(CLICK).performed


def test_a_dry_run_says_what_would_be_denied() -> None:
    board = Board()
    environment = Policed(DryRun(board), board, [NO_PAYING], None)
    assert "dry run" in environment.perform(CLICK).text
    board.things[HERE] = Place(words="pay")
    assert not environment.perform(CLICK).performed and board.done == []


def test_a_device_that_cannot_say_what_is_touched_performs_nothing_that_a_rule_is_about() -> None:
    row = PictureRow()
    assert not policed(row, NO_PAYING).perform(CLICK).performed


def test_waiting_for_a_person_takes_none_of_the_episodes_time() -> None:
    """The answer comes after twice the limit; what is left of it still ends the run."""
    limit_s = 1.5
    board = Board()
    environment = policed(board, confirming, Person(Answer.YES, meanwhile=lambda: time.sleep(2 * limit_s)))
    turns = [Turn("", "", CLICK), DONE]
    episode = run_episode(environment, Row(*turns), "go", Limits(seconds=limit_s), lambda step: None)
    assert episode.ending is Ending.FINISHED and episode.steps[0].seconds.act < 2 * limit_s
    with pytest.raises(TimeUp), deadline(environment, 0.1):
        with environment.clock.stopped():
            time.sleep(0.3)
        threading.Event().wait(30)


@pytest.mark.parametrize(
    ("decision", "told"),
    [
        (Approval(Answer.YES), (True, "")),
        (Approval(Answer.ALL), (True, "")),
        (Approval(Answer.NO, "use the other shop"), (False, "The user says: use the other shop")),
    ],
)
def test_a_page_of_another_site_is_asked_about_as_an_action_is(decision: Approval, told: tuple[bool, str]) -> None:
    board, person = Gate("https://b.test/"), Person(decision)
    environment = Policed(board, board, [], person)
    environment.thought = "I go there."
    environment.observe()
    (question,) = person.asked
    assert question.what == "A page of another site would open, b.test: https://b.test/"
    assert dict(question.facts()) == {
        "thought": "I go there.",
        "on": "https://b.test/",
        "asked because of": "only a.test is open in this run",
    }
    assert question.picture.size == (800, 600) and board.answers == [("https://b.test/", *told)]


def test_the_site_that_would_open_is_named_whatever_its_address_looks_like() -> None:
    board, person = Gate(f"https://bank.test:pay@evil.test/{'bank.test/' * 99}"), Person(Answer.NO)
    Policed(board, board, [], person).observe()
    assert person.asked[0].what.startswith("A page of another site would open, evil.test: https://bank.test")


def test_stop_refuses_the_page_and_ends_the_run() -> None:
    board = Gate("https://b.test/")
    with pytest.raises(KeyboardInterrupt):
        Policed(board, board, [], Person(Answer.STOP)).perform(CLICK)
    assert board.done == [CLICK] and board.answers == [("https://b.test/", False, "")]


def test_a_page_cannot_ask_without_an_end() -> None:
    board = Gate(*(f"https://n{number}.test/" for number in range(20)))
    person = Person(*[Answer.NO] * MOST_REFUSED)
    Policed(board, board, [], person).observe()
    assert len(person.asked) == MOST_REFUSED and not any(allowed for _, allowed, _ in board.answers)
    assert board.answers[-1] == ("https://n19.test/", False, "Nobody was asked.")
