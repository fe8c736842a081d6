"""`Policed`: an environment that performs only what the rules allow, after asking a person where they say so.

A yes to an action is for this action on the screen that was shown: after it a fresh look is taken, and if another thing
lies there, or its surroundings look different, the action is not performed. What changes elsewhere does not matter. A
denial is an outcome, not a mistake of the model.

A page of a site that is not open waits in the browser until the person has answered, whatever led there. A yes is for
the address that waits, and opens its site until the episode ends.
"""

import re
from collections.abc import Callable, Collection, Iterable, Sequence

from actions.action import Action, Outcome, Permit
from actions.control import Answer as Answering
from actions.control import AskUser, Finish, Wait
from actions.errors import ActionRefused
from actions.geometry import Box
from actions.keyboard import MODIFIERS, Press, Type
from actions.mouse import MoveTo
from devices import Environment, Observation
from devices.rules.approval import Answer, Approval, Approver, Question
from devices.rules.places import Deed, Detail, Inspected, Judge, Place
from devices.rules.policy import BREAK, kinds, typing
from devices.rules.sited import Held, Sited
from devices.rules.sites import Site
from devices.rules.verdict import Decision, Verdict
from devices.wrappers import Wrapped
from devices.wrappers.surroundings import changed, picture_of, surroundings

MOST_REFUSED = 5
"""After so many refused pages since the last action, further ones are refused without a question."""
LONGEST = 10_000
NOTHING = "Nothing was done."
OUTDATED = Outcome(
    f"The user allowed it, but the screen has changed there meanwhile. {NOTHING} Look again.", permit=Permit.OUTDATED
)
_TYPED = re.compile(r"(\d+) characters were typed\.")
CLICKS = ("Click", "RightClick", "MiddleClick", "Drag")
"""Kinds of actions of a mouse's buttons."""
UNKNOWN = Place(unread="What the action touches is not known on this device.")


class Policed(Wrapped):
    """Judges every action right before it is performed, whatever reply or gesture it comes from."""

    def __init__(
        self,
        inner: Environment,
        device: Environment,
        judges: Sequence[Judge],
        approver: Approver | None,
        words: Callable[[Action], bool] = lambda action: True,
    ) -> None:
        """`device` is the bare device, which is asked what an action touches, and which pages wait for an answer.

        Without an approver nobody is there to be asked.
        `words` says whether the rules about an action depend on the texts there, which a phone takes long to read.
        """
        super().__init__(inner)
        self._device = device
        self._judges = judges
        self._approver = approver
        self._words = words
        self._seen: Observation | None = None
        self.begin()

    def begin(self) -> None:
        """Another episode begins: what was allowed in general in the last one is asked again."""
        self._granted: set[tuple[type[Action], str]] = set()
        self._typed = ""
        self._refused = 0
        self.thought = ""
        """What the model thought before the next action, for the person who is asked."""

    def observe(self) -> Observation:
        self._ask_about_pages()
        self._seen = self.inner.observe()
        while self._ask_about_pages():  # they came during the look
            self._seen = self.inner.observe()
        return self._seen

    def perform(self, action: Action) -> Outcome:
        self._refused = 0
        if isinstance(action, Wait | Answering | Finish | AskUser):  # they do nothing on the device
            return self.inner.perform(action)
        approved: set[str] = set()
        done: list[Outcome] = []
        for part in _parts(action):
            try:
                outcome = self._judged(part, action, approved)
            except ActionRefused as refusal:
                if not done:
                    raise
                return _together(done, unfinished=str(refusal))
            if not outcome.performed and done:
                return _together(done, unfinished=outcome.text.replace(NOTHING, "").strip(), permit=outcome.permit)
            done.append(outcome)
            if not outcome.performed or outcome.stop:
                break
        return _together(done)

    def _judged(self, part: Action, whole: Action, approved: set[str]) -> Outcome:
        """The outcome of a part of an action. `approved` are the rules for which a person has allowed the whole."""
        places = self._places(part, Detail.WORDS if self._words(part) else Detail.APP)
        verdicts = self._verdicts(part, places)
        if denial := next((each for each in verdicts if each.decision is Decision.DENY), None):
            return _denied(f"It is denied: {denial.rule}.")
        asking = dict.fromkeys(each.rule for each in verdicts if each.decision is Decision.ASK)
        open_ = [rule for rule in asking if self._is_open(whole, rule, approved)]
        if not open_:
            denied = self._trapped(part, whole, places, approved)
            return denied or self._performed(part, Permit.APPROVED if approved else None)
        outcome = self._asked(part, whole, open_)
        approved.update(open_)
        return outcome

    def _is_open(self, whole: Action, rule: str, approved: Collection[str]) -> bool:
        """Whether a rule that asks about an action has had no yes yet."""
        return rule not in approved and (type(whole), rule) not in self._granted

    def _trapped(
        self, part: Action, whole: Action, places: Sequence[Place], approved: Collection[str]
    ) -> Outcome | None:
        """A denial, if a page puts something else under the pointer as soon as that is there, which is not allowed.

        So the pointer goes there first, where a rule is about the texts or a person has said yes: that is for what was
        shown, and for nothing else.
        """
        point = next(iter(part.points().values()), None)
        on_page = (approved or self._words(part)) and any(place.address for place in places)
        if point is None or kinds(part).isdisjoint(CLICKS) or not on_page:
            return None
        self.inner.perform(MoveTo(point=point))
        found = self._places(part, Detail.WORDS)
        if approved and _things(found) != _things(places):
            return OUTDATED
        for verdict in self._verdicts(part, found):
            denied = verdict.decision is Decision.DENY
            if denied or (verdict.decision is Decision.ASK and self._is_open(whole, verdict.rule, approved)):
                return _denied(f"Something else comes under the pointer there, which is not allowed: {verdict.rule}.")
        return None

    def _verdicts(self, action: Action, places: Sequence[Place]) -> list[Verdict]:
        deeds = [Deed(action, place, self._typed + typing(action)) for place in places or (Place(),)]
        return [verdict for deed in deeds for judge in self._judges for verdict in judge(deed)]

    def _asked(self, part: Action, whole: Action, rules: Sequence[str]) -> Outcome:
        why = "; ".join(rules)
        unasked = _denied(f"It needs a person's approval, and nobody is there to ask: {why}.")
        if self._approver is None:
            return unasked
        shown, places = self.inner.observe(), self._places(part, Detail.WORDS)
        boxes = surroundings(part, places, shown.screen)
        moved = self._seen is not None and changed(self._seen, shown, boxes, bool(part.points()))
        picture = picture_of(shown, boxes, whole.points().values())
        what = f"The model wants to do: {whole}"
        approval = self._decision(self._approver, Question(what, places, why, self.thought, picture, moved))
        if approval is None:
            return unasked
        reason = f" {approval.told}".rstrip()
        match approval.answer:
            case Answer.STOP:
                raise KeyboardInterrupt("the user stopped the run")
            case Answer.NO:
                return _denied(f"The user does not allow it.{reason}")
            case Answer.ALL:
                self._granted |= {(type(whole), rule) for rule in rules}
        if self._outdated(part, places, shown, boxes):
            return OUTDATED
        if trap := self._trapped(part, part, places, rules):
            return trap
        outcome = self._performed(part, Permit.APPROVED)
        return outcome._replace(text=f"The user allowed it.{reason} {outcome.text}".strip())

    def _outdated(self, action: Action, places: Sequence[Place], shown: Observation, boxes: Sequence[Box]) -> bool:
        """Whether another thing lies there than was shown, or its surroundings look different."""
        if changed(shown, self.inner.observe(), boxes, bool(action.points())):
            return True
        return _things(self._places(action, Detail.WORDS)) != _things(places)

    def _performed(self, action: Action, permit: Permit | None) -> Outcome:
        outcome = self.inner.perform(action)
        self._ask_about_pages()
        self._typed = _typed_then(self._typed, action)
        return outcome._replace(permit=permit) if outcome.performed else outcome

    def _places(self, action: Action, detail: Detail) -> tuple[Place, ...]:
        return self._device.touches(action, detail) if isinstance(self._device, Inspected) else (UNKNOWN,)

    def _ask_about_pages(self) -> bool:
        """Asks about all pages that wait for an answer; returns whether there were any."""
        if not isinstance(self._device, Sited) or self._device.held() is None:
            return False
        while held := self._device.held():
            self._ask_about(self._device, held)
        return True

    def _ask_about(self, device: Sited, held: Held) -> None:
        approval = None
        if self._approver and self._refused < MOST_REFUSED:
            look = self._seen or self.inner.observe()
            what = f"A page of another site would open, {Site.of(held.url)}: {held.url}"
            question = Question(what, (Place(held.url),), held.rule, self.thought, picture_of(look, ()), changed=False)
            approval = self._decision(self._approver, question)
        if approval is None:
            device.answer(held, allowed=False, why="Nobody was asked.")
            return
        allowed = approval.answer in (Answer.YES, Answer.ALL)
        self._refused += not allowed
        device.answer(held, allowed, approval.told)
        if approval.answer is Answer.STOP:
            raise KeyboardInterrupt("the user stopped the run")

    def _decision(self, approver: Approver, question: Question) -> Approval | None:
        with self.clock.stopped():
            return approver.decide(question)


def _denied(why: str) -> Outcome:
    return Outcome(f"{why} {NOTHING}", permit=Permit.DENIED)


def _parts(action: Action) -> list[Action]:
    """Keys one after the other, where one may press something or move the focus; other actions are one part.

    So each part is judged by what has the focus then.
    """
    if isinstance(action, Type):
        return [Type(text=text) for text in re.findall(r"[\n\t]|[^\n\t]+", action.text)]
    if isinstance(action, Press):
        held = tuple(key for key in action.keys if key in MODIFIERS)
        others = [key for key in action.keys if key not in MODIFIERS]
        return [action.model_copy(update={"keys": (*held, key)}) for key in others] if len(others) > 1 else [action]
    return [action]


def _typed_then(before: str, action: Action) -> str:
    """What is typed without a break after an action: Backspace takes the last character, other keys may join or part.

    Whatever else is done may lead to another field.
    """
    if isinstance(action, Press) and action.keys == ("backspace",) and before[-1:] != BREAK:
        return before[:-1]
    return f"{before}{typing(action) or BREAK}"[-LONGEST:] if isinstance(action, Type | Press) else ""


def _together(outcomes: Sequence[Outcome], unfinished: str = "", permit: Permit | None = None) -> Outcome:
    """The outcome of an action from those of its parts; `unfinished` says why others were not performed."""
    last = outcomes[-1]
    if len(outcomes) == 1 and not unfinished:
        return last
    said = " ".join(outcome.text for outcome in outcomes)
    if counts := _TYPED.findall(said):
        said = f"{sum(map(int, counts))} characters were typed. {_TYPED.sub('', said)}"
    if unfinished:
        said = f"Only the beginning was done. {said} {unfinished} The rest was not done."
    permit = permit or next((outcome.permit for outcome in reversed(outcomes) if outcome.permit), None)
    certain = all(outcome.certain for outcome in outcomes)
    return last._replace(text=" ".join(said.split()), permit=permit, certain=certain)


def _things(places: Iterable[Place]) -> list[tuple[str, ...]]:
    """What must be the same before and after a person is asked."""
    return [
        (place.address.partition("#")[0], place.app, place.title, place.role, place.name, place.words, place.unread)
        for place in places
    ]
