"""`Session`: one model on one device, opened once and used as often as needed. Screenhand's Python interface.

with Session(device="browser", address=url, model="qwen2.5-vl-7b", server="http://127.0.0.1:8000/v1") as session:
    episode = session.run("log in as ada with password lovelace")
    assert episode.finished, episode.answer
    assert session.verify("the user is logged in")
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Self, TypeVar

from pydantic import BaseModel, Field, create_model

from actions.action import Action, ActionSpace, Outcome, Stop
from actions.control import Answer, Extract, Finish, Verdict
from actions.errors import EpisodeFailure, Undecided, UsageError
from actions.geometry import Point
from actions.secrets import Secrets
from actions.web import Goto, NewTab
from agent.console import ShownPolicy
from agent.control import Control
from agent.deadline import Due, interrupted
from agent.episode import Ending, Episode, Step, Turn
from agent.layouts import layout_of
from agent.loop import Limits, Policy, run_episode
from agent.policy import ModelPolicy
from agent.record import alone, run_folder
from agent.resuming import Past, read_past
from agent.terminal import Terminal
from devices import DeviceOptions, Environment, Observation
from devices.wrappers import Wrapped
from devices.wrappers.supervised import Supervised
from model.engine import Engine
from model.engines.scripted import ScriptedEngine
from prompts.grammar import pointing
from tasks.approving import Person
from tasks.composition import Composition
from tasks.learned.file import LearnedRun, path_of, read_learned, write_learned
from tasks.learned.late import LateEngine, LatePolicy
from tasks.learned.learning import About, Learning, verified
from tasks.learned.playing import require_device, require_size
from tasks.options import NO_MODEL, Options
from tasks.runner import Setting

if TYPE_CHECKING:
    from playwright.sync_api import Page

Extracted = TypeVar("Extracted", bound=BaseModel)
OF_A_PAGE = frozenset({"device", "address", "headless", "viewport", "scale", "mobile", "user_data", "permit"})
"""Options that an open page determines."""
TRIES = 3
"""The number of attempts at one question or one step."""


class Verified(NamedTuple):
    """The model's verdict on a claim. It is truthy if the claim holds: `assert session.verify(...)`."""

    holds: bool
    reason: str

    def __bool__(self) -> bool:
        return self.holds


class Session:
    """A device with its wrappers, an engine and a policy, for the duration of a `with` block.

    The keyword arguments are the fields of `tasks.options.Options`; every one has a default. Each request is recorded
    as its own run below `runs`; `record` is the folder of the newest one.

    In the main thread `max_seconds` interrupts the device and the model. In another thread it interrupts the device
    only: a local model finishes its reply first, and a server's reply has the limit `timeout_s`.
    """

    def __init__(
        self,
        options: Options | None = None,
        *,
        console: Terminal | None = None,
        page: "Page | None" = None,
        person: Person | None = None,
        late: bool = False,
        **given: Any,
    ) -> None:
        """Checks the options; opens nothing yet.

        With `page`, an open page of Playwright's synchronous interface, the session acts on that page and leaves it
        open. It and the session belong to one thread. `person` is who is asked and can take over; by default whoever
        is at the terminal. With `late`, the model starts only once it is needed, which is never for a learned run
        that can be repeated.

        Raises:
            UsageError: there is no such option, or a value is invalid.
        """
        if options and given:
            raise UsageError("Pass the options as one object or as keyword arguments, not both.")
        self.options = options or Options.read(given)
        self._page = page
        self._late = late and self.options.engine_name in ("local", "server")
        if page is not None:
            if settled := self.options.model_fields_set & OF_A_PAGE:
                raise UsageError(f"The page is open already, so leave out {', '.join(sorted(settled))}.")
            self.options = self.options.model_copy(update={"address": page.url})
        self.console = console or Terminal(stderr=True)
        self.record: Path | None = None
        self._records: set[Path] = set()
        """The records of all runs on the device that is open now."""
        self._composition = Composition(self.options, self.console, person=person)
        self._opened: ExitStack | None = None
        self._engine: Engine
        self._setting: Setting

    def __enter__(self) -> Self:
        """Starts the engine, unless it is to start late, and opens the device.

        Raises:
            UsageError: the options are incompatible. EngineFailure: the engine cannot start. DeviceFailure: the
                device does not answer.
        """
        with ExitStack() as stack:
            self._engine = LateEngine(self._started) if self._late else stack.enter_context(self._composition.engine())
            device = self._composition.device_options()
            self._address = device.address
            self._setting = stack.enter_context(
                self._composition.setting(
                    self.options.device, device, lambda _, space: self._policy(space), opened=self._opener()
                )
            )
            self._opened = stack.pop_all()
        return self

    def _started(self) -> Engine:
        assert self._opened, "the device is open"
        return self._opened.enter_context(self._composition.engine())

    def _opener(self) -> Callable[[DeviceOptions], Environment] | None:
        if self._page is None:
            return None
        from devices.browser.open_page import OpenPage  # a session on a phone needs no Playwright

        return partial(OpenPage, self._page)

    def __exit__(self, *_: object) -> None:
        if self._opened:
            self._opened.close()
            self._opened = None
            self._records.clear()

    def run(self, instruction: str) -> Episode:
        """Acts until the instruction is done, the model gives up, or a limit is reached.

        Raises:
            KeyboardInterrupt: the user stopped it; the record is complete.
        """
        return _not_stopped(self.episode(instruction))

    def episode(
        self, instruction: str, on_step: Callable[[Step], None] = lambda step: None, record: Path | None = None
    ) -> Episode:
        """Like `run`, but an episode that the user stopped is returned too.

        `on_step` is called with every step; `record` is a folder for the record instead of a new one below `runs`.
        """
        return self._steered(instruction, on_step, record or self._new_record(instruction))

    def do(self, name: str | Path, **values: str) -> Episode:
        """Repeats a learned run, with these values of its parameters; the model goes on where it cannot be repeated.

        Raises:
            UsageError: there is no such run, it is of another device or size, or a value is missing.
            KeyboardInterrupt: the user stopped it; the record is complete.
        """
        return _not_stopped(self.repeat(read_learned(path_of(name), values, Secrets(self.options.secrets))))

    def repeat(
        self, run: LearnedRun, on_step: Callable[[Step], None] = lambda step: None, record: Path | None = None
    ) -> Episode:
        """Like `do`, with a run that was read; `on_step` and `record` are as in `episode`."""
        require_device(run, self.options.device)
        require_size(run, self._ready.device.observe())
        instruction = run.content.instruction
        return self._steered(instruction, on_step, record or self._new_record(instruction), run=run)

    def resume(
        self, record: Path, on_step: Callable[[Step], None] = lambda step: None, run: LearnedRun | None = None
    ) -> Episode:
        """Continues an interrupted run in its folder, on the device as it is now. Nothing is done a second time.

        `run` is the learned run that it repeats, if it does.

        Raises:
            UsageError: it cannot be continued: it has ended, is still going on, or belongs to another device or model.
        """
        past, lost = read_past(record, self.options.limits(Limits())), ""
        if record not in self._records:  # else neither device nor engine was started anew
            lost = self._ready.device.lost
            if isinstance(self._engine, ScriptedEngine):
                self._engine.skip(past.replies, past.verdicts)
        self.console.print(past.described(lost), soft_wrap=True)
        return self._steered(past.info.instruction, on_step, record, past, past.note(lost), run)

    def interrupted(self, due: Due) -> AbstractContextManager[None]:
        """Interrupts the block, as Ctrl-C does, once `due` says so in a thread of its own."""
        return interrupted(self._ready.environment, due, KeyboardInterrupt)

    @property
    def reads_messages(self) -> bool:
        """Whether the model's prompts hold messages of the user, which those of the model in the box do not."""
        return layout_of(self._composition.profile).remembers

    def look(self) -> Observation:
        """One look at the screen, once it has settled. Raises DeviceFailure."""
        return self._ready.environment.observe()

    @property
    def actions(self) -> ActionSpace:
        """The actions of the device that is open."""
        return self._ready.environment.action_space

    def act(self, action: Action | str, trusted: bool = True) -> Step:
        """Performs one action, in screen pixels, or the one that the model decides on for an instruction.

        An action is the user's own act; without `trusted`, the default rules judge it as they judge a model's, and it
        opens no site.

        Raises:
            Undecided: the model chose no action that could be performed. EpisodeFailure: engine or device failed.
        """
        environment = self._ready.environment
        if isinstance(action, str):
            self._composition.open_sites(self._ready.device, action)
            return self._last(action, _Once(environment, environment.perform), self._ready.policy)
        own_words = str(action) if trusted and isinstance(action, Goto | NewTab) else ""
        self._composition.open_sites(self._ready.device, own_words)
        return self._last(str(action), _Once(environment, partial(self._chosen, trusted)), _Decided(action))

    def locate(self, description: str) -> Point:
        """The position of an element, in screen pixels. Touches nothing.

        Raises:
            Undecided: the model sees no such element. UsageError: the model cannot answer questions.
        """
        action = self._asked(f"Point at {description}.", pointing(self._ready.environment.action_space))
        return next(iter(action.points().values()))

    def ask(self, question: str) -> str:
        """The model's answer to a question about the screen.

        Raises:
            Undecided: the model cannot answer it. UsageError: the model cannot answer questions.
        """
        action = self._asked(question, Answer)
        assert isinstance(action, Answer)
        return action.text

    def verify(self, claim: str) -> Verified:
        """Whether a claim about the screen holds, and why the model thinks so.

        Raises:
            Undecided: the model cannot decide. UsageError: the model cannot answer questions.
        """
        action = self._asked(f"Check on the screen whether this is true: {claim}", Verdict)
        assert isinstance(action, Verdict)
        return Verified(action.holds, action.reason)

    def extract(self, what: str, model: type[Extracted]) -> Extracted:
        """Reads something off the screen, such as "the order", as an object of a pydantic model.

        An engine with a grammar is constrained to the form of a call. The fields are validated, and the model is asked
        once more after a reply that does not fit.

        Raises:
            Undecided: the screen does not show it, or the reply does not fit. UsageError: the model cannot answer
            questions.
        """
        kind = extraction(what, model)
        value = getattr(self._asked(f"Read {what} off the screen.", kind, tries=2), "value", None)
        assert isinstance(value, model), "pydantic has validated it"
        return value

    @property
    def _ready(self) -> Setting:
        if not self._opened:
            raise UsageError("The session is not open. Use it in a with block: with Session(...) as session.")
        return self._setting

    def _policy(self, space: ActionSpace) -> Policy:
        def made() -> Policy:
            return ShownPolicy(ModelPolicy(self._composition.profile, self._engine, space), self.console)

        return LatePolicy(made) if self._late else made()

    def _chosen(self, trusted: bool, action: Action) -> Outcome:
        """Performs an action that the caller chose, not the model."""
        self._composition.permissions.trust(user=trusted)
        return self._ready.environment.perform(action)

    def _asked(self, question: str, kind: type[Action], tries: int = TRIES) -> Action:
        """The action that answers a question about the screen. Nothing is done on the device."""
        profile, question = self._composition.profile, self._ready.secrets.masked(question)
        if not layout_of(profile).names_actions:
            raise UsageError(f"The model {profile.name} acts on the screen but cannot answer questions about it.")
        answering = _Answering(self._ready.environment, kind)
        action = self._last(question, answering, self._policy(answering.action_space), tries).turn.action
        if not isinstance(action, kind):
            raise Undecided(f"The model could not answer {question!r}: {action}")
        return action

    def _last(self, instruction: str, environment: Environment, policy: Policy, tries: int = TRIES) -> Step:
        """The step that carried out the instruction."""
        instruction = self._ready.secrets.masked(instruction)
        limits = Limits(steps=tries, seconds=self.options.limits(Limits()).seconds, mistakes=tries)
        episode = self._recorded(instruction, environment, policy, limits)
        if episode.ending is Ending.STOPPED:
            raise KeyboardInterrupt
        if episode.ending is Ending.FAILED:
            raise EpisodeFailure(episode.answer)
        last = episode.steps[-1] if episode.steps else None
        if last is None or not last.acted:
            raise Undecided(f"No action for {instruction!r}: {episode.answer}")
        return last

    def _recorded(
        self,
        instruction: str,
        environment: Environment,
        policy: Policy,
        limits: Limits,
        on_step: Callable[[Step], None] = lambda step: None,
        record: Path | None = None,
        past: Past | None = None,
    ) -> Episode:
        secrets = self._ready.secrets
        instruction, policy = secrets.masked(instruction), self._composition.masked(policy, secrets)
        self.record = record or self._new_record(instruction)
        about = (instruction, self.options.device, self._address, limits, environment.action_space, secrets)
        with alone(self.record), self._composition.recorder(self.record, *about, past) as recorder:
            self._records.add(self.record)

            def recorded(step: Step) -> None:
                recorder.on_step(step)
                on_step(step)

            for message in past.said if past else ():
                self._composition.hear(self._ready.device, message)
            if past and past.in_doubt:
                recorded(past.in_doubt)
            steps = past.all if past else ()
            episode = run_episode(environment, recorder.noting(policy), instruction, limits, recorded, steps)
            recorder.finish(episode)
        return episode

    def _new_record(self, instruction: str) -> Path:
        if not instruction.strip():
            raise UsageError('The instruction is empty. Pass one, such as "find a pizza place".')
        return run_folder(self.options.runs, self._ready.secrets.masked(instruction), datetime.now())

    def _steered(
        self,
        instruction: str,
        on_step: Callable[[Step], None],
        record: Path,
        past: Past | None = None,
        note: str = "",
        run: LearnedRun | None = None,
    ) -> Episode:
        """An episode that a person can pause, talk to and stop through the files of its record."""
        self._composition.open_sites(self._ready.device, instruction)
        control = Control(record, len(past.said) if past else 0, self._ready.secrets)
        environment = Supervised(
            self._ready.environment,
            control,
            self.console.print,
            past.all[-1].observation if past and past.all else None,
            note,
            lambda message: self._composition.hear(self._ready.device, message),
            self._composition.person.use if self._composition.person else lambda environment: None,
        )
        setting, limits = self._ready, Limits()
        if run:
            model = None if self.options.engine_name == NO_MODEL else setting.policy
            playing = self._composition.playing(run, setting.device, setting.environment.action_space, model)
            setting = setting._replace(policy=self._composition.permissions.heard(playing))
            limits = replace(limits, steps=limits.steps + len(run.steps))
        policy = self._composition.trusted(setting, self._engine, asked=True, repeating=run is not None)
        learning = Learning(policy, setting.device) if self.options.learn and not past else None
        if self.options.learn and past:
            self.console.print("Not kept as a learned run: its beginning was not watched.", soft_wrap=True)
        with control.stopping(environment):
            episode = self._recorded(
                instruction, environment, learning or policy, self.options.limits(limits), on_step, record, past
            )
        if learning and self.options.learn:
            self._keep(self.options.learn, episode, learning, run)
        return episode

    def _keep(self, name: Path, episode: Episode, learning: Learning, run: LearnedRun | None) -> None:
        """Keeps a verified episode as a learned run; another one is not kept, which is said. Raises RecordFailure."""
        path = path_of(name)
        if not verified(episode):
            self.console.print(f"Not kept as {path}: the run did not end as finished and confirmed.", soft_wrap=True)
            return
        values = {**self.options.parameters, **(run.values if run else {})}
        about = About(
            self.options.device,
            self._address,
            self.options.mobile,
            tuple(secret.name for secret in self._ready.secrets),
            values,
        )
        write_learned(path, *learning.learned(episode, path.stem, about), self._ready.secrets)
        self.console.print(f"Learned: {path}. Repeat it with --do {name}.", soft_wrap=True)


def extraction(what: str, model: type[BaseModel]) -> type[Extract]:
    """The action by which a model returns what it reads off the screen."""
    about = " ".join((model.__doc__ or "").split())
    return create_model(
        Extract.__name__,
        __base__=Extract,
        __module__=Extract.__module__,  # so that its record can be read without this pydantic model
        __doc__=f"Give {what} as the screen shows it. {about}".strip(),
        value=(model, Field(description=f"{what}, as the screen shows it.")),
    )


class _Once(Wrapped):
    """An environment in which the first performed action ends the episode."""

    def __init__(self, inner: Environment, perform: Callable[[Action], Outcome]) -> None:
        super().__init__(inner)
        self._perform = perform

    def perform(self, action: Action) -> Outcome:
        outcome = self._perform(action)
        return outcome._replace(stop=outcome.stop or (Stop.FINISHED if outcome.performed else Stop.GAVE_UP))


class _Answering(_Once):
    """An environment for questions: its only action is the answer, and it does nothing."""

    def __init__(self, inner: Environment, kind: type[Action]) -> None:
        super().__init__(inner, lambda action: Outcome(str(action), Stop.ANSWERED))
        self._space = ActionSpace((kind, Finish))

    @property
    def action_space(self) -> ActionSpace:
        return self._space


class _Decided:
    """A policy with a fixed decision."""

    def __init__(self, action: Action) -> None:
        self._action = action

    def act(self, instruction: str, steps: Sequence[Step], observation: Observation) -> Turn:
        return Turn("", "", self._action)


def _not_stopped(episode: Episode) -> Episode:
    """The episode. Raises KeyboardInterrupt if the user stopped it."""
    if episode.ending is Ending.STOPPED:
        raise KeyboardInterrupt
    return episode
