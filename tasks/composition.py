"""`Composition`: builds what the options describe, equally for a session, a suite and a suite's worker."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Generic, TypeVar

import devices
from actions.action import ActionSpace
from actions.clock import Clock
from actions.errors import UsageError
from actions.secrets import Secrets
from agent import telemetry
from agent.answers import AnswerSchema, Structured, read_schema
from agent.loop import Limits, Policy
from agent.masking import Masked
from agent.policy import ModelPolicy
from agent.record import Recorder
from agent.resuming import Past, require_same
from agent.run_info import describe_run
from agent.stalls import Stalls
from agent.terminal import Terminal
from agent.verifying import Check, Judge, Verified, Verifier
from devices import DeviceOptions, Environment
from devices.android.addresses import SIMULATED, simulated_address
from devices.rules.sited import Sited
from devices.wrappers.guarded import Attended, DryRun
from devices.wrappers.secrets import Masking, WithSecrets
from devices.wrappers.settled import Settled
from model import engines, profile
from model.engine import DescribedEngine, Engine
from model.engines.scripted import ScriptedEngine
from model.engines.server.engine import ServerEngine
from model.profile import Profile
from model.weights import download
from tasks.approving import AtTerminal, Permissions, Person, asking, attended
from tasks.learned.file import LearnedRun, earlier_pictures, path_of
from tasks.learned.playing import Confirmed, Playing
from tasks.options import NO_MODEL, Options
from tasks.runner import Setting
from tasks.screens import page_size, phone_size
from tasks.scripted.claims import StateCheck, read_check

ROOT = Path(__file__).parent.parent
Actor = Callable[[Environment, ActionSpace], Policy]
"""Makes the actor, from the bare device and the actor's action space."""
Asked = TypeVar("Asked", bound=Options)


def fitted(options: DeviceOptions, device: str, profile: Profile) -> DeviceOptions:
    """The options with the model's only viewport, unless another one is given."""
    viewport = options.viewport or (profile.screen if device == "browser" else None)
    return options.model_copy(update={"viewport": viewport})


class Composition(Generic[Asked]):
    """The profile, the engine and the wrapped device of the options."""

    def __init__(self, options: Asked, console: Terminal, asking: bool = True, person: Person | None = None) -> None:
        """Chooses the profile; opens nothing yet. Without `asking`, missing weights are no error.

        `person` is who is asked during a run; by default whoever is at the terminal.

        Raises:
            UsageError: there is no such profile, it does not fit, or none is given and no weights are on this machine.
        """
        devices.require(options.device)
        self.options = options
        self.secrets = Secrets(options.secrets)
        self.console = console
        self.console.secrets = self.secrets
        self._remarked: set[str] = set()
        self._person = person
        self.permissions = Permissions(options, self.person)
        name = options.model or profile.preferred(weights_needed=asking and self.engine_name == "local")
        if name is None:
            name = self._in_the_box()
        self.profile = profile.adjusted(
            profile.load(name),
            notation=options.notation,
            context=options.context,
            min_pixels=options.min_pixels,
            max_pixels=options.max_pixels,
            frame="screen" if options.replies else None,  # as in the solution of a suite's task
        )
        self._answer_schema = read_schema(options.answer_schema) if options.answer_schema else None
        if self._answer_schema and self.profile.brief and self.engine_name != "scripted":
            raise UsageError(f"{self.profile.name} reads no schema for its answers. Leave out --answer-schema.")
        self._checks = [(phrase, read_check(phrase, options.device)) for phrase in options.checks]
        confirmed = self._checks or self.profile.verifies or self.engine_name in ("scripted", NO_MODEL)
        if options.learn and options.verify is False:
            raise UsageError(
                "--learn keeps only a run that was confirmed, and --no-verify confirms none. Leave it out."
            )
        if options.learn and not confirmed:
            raise UsageError(
                "--learn keeps only a run that was confirmed, and nothing confirms the word of "
                f"{self.profile.name}: pass --check."
            )
        if options.learn:
            earlier_pictures(path_of(options.learn))  # refused now, and not after the run
        if options.verify and not (self.profile.verifies or self._checks or self.engine_name == "scripted"):
            raise UsageError(
                f"--verify asks the model whether it is done, and {self.profile.name} cannot be asked: its profile "
                "does not say `verifies`. Leave it out, or pass --check."
            )

    @property
    def person(self) -> Person | None:
        """Who can be asked."""
        return self._person or (AtTerminal(self.console) if attended() else None)

    @property
    def cannot_judge(self) -> str:
        """Why nothing answers a task's questions with these options; empty if something does."""
        if self.options.solving:
            return "solutions are played without one. Pass --model, or --replies with *VERIFY*: blocks"
        if self.engine_name != "scripted" and not self.profile.verifies:
            return f"{self.profile.name} cannot be asked: its profile does not say `verifies`. Pass another --model"
        return ""

    def _in_the_box(self) -> str:
        """The model in the box, but only for tasks that it knows: otherwise a user would overestimate it."""
        small, options = profile.load("embedded"), self.options
        phone = phone_size(small) if options.device == "android" else None
        known = options.address == SIMULATED if phone else options.device == "browser" and not options.address
        if type(options) is Options and known:
            self.console.print(
                "No Qwen2.5-VL weights on this machine: using the small model in the box (--model embedded)."
            )
            return small.name
        weights = profile.load(profile.PREFERRED[0]).weights
        raise UsageError(
            f"No Qwen2.5-VL weights on this machine. Download them: {download(weights)}; "
            f"or pass --server URL; or --model embedded"
            f"{f' --address {SIMULATED}, a phone double' if phone else ''}. {small.brief.knows if small.brief else ''}"
        )

    @property
    def engine_name(self) -> str:
        return self.options.engine_name

    def engine(self) -> AbstractContextManager[Engine]:
        if self.profile.brief and self.engine_name != "scripted":
            self.console.print(self.profile.brief.knows)
        doing = {"local": "loading weights", "server": "asking the server what it can do"}.get(
            self.engine_name, "starting"
        )
        with self.console.status(f"{self.profile.name}: {doing}", spinner=self.console.spinner):
            engine = engines.connect(self.engine_name, self.profile, self.options.engine_options())
        if isinstance(engine, ServerEngine):
            self.profile = engine.profile  # the server's context may be shorter
            self.console.print(f"The server is used through {engine.path}.")
        elif isinstance(engine, DescribedEngine):
            self.console.print(f"The model runs through {engine.path}.")
        return closing(engine)

    def device_options(self) -> DeviceOptions:
        """The device options of a run that is no task of a suite; a suite's are the same for every model.

        A browser without an address opens the model's own page, if there is one. Where no viewport is given, its page
        has a size that the model reads without a resize, if there is one near the usual size. So has a phone double
        for a model that reads only one size.
        """
        asked = self.options.device_options()
        options = asked.model_copy(update={"downloads": asked.downloads or self.options.runs / "downloads"})
        if (phone := phone_size(self.profile)) and self.options.device == "android" and options.address == SIMULATED:
            return options.model_copy(update={"address": simulated_address(phone)})
        if self.options.device != "browser":
            return options
        if not (options.viewport or options.mobile or self.profile.screen):
            options = options.model_copy(update={"viewport": page_size(self.profile, options.scale)})
        page = self.profile.brief.page if self.profile.brief else None
        if options.address or not page:
            return options
        self.console.print(f"No --address: opening {page}.")
        return options.model_copy(update={"address": str(ROOT / page)})

    @contextmanager
    def setting(
        self,
        device: str,
        options: DeviceOptions,
        actor: Actor,
        limits: Limits | None = None,
        opened: Callable[[DeviceOptions], Environment] | None = None,
        cautious: bool = True,
        policy_file: Path | None = None,
    ) -> Iterator[Setting]:
        """The device, the actor's wrapped environment, and the actor. `opened` opens another device.

        Without `cautious` the default rules do not hold. The rules of `policy_file` hold besides those of the options.

        Raises:
            UsageError: the device cannot be opened like this, or the file of rules is wrong.
        """
        self.permissions = Permissions(self.options, self.person, policy_file)
        options = self.permissions.for_device(options)
        fit, secrets = fitted(options, device, self.profile), Secrets(options.secrets)
        self.console.secrets = secrets
        with secrets.hidden(), opened(options) if opened else devices.connect(device, fit) as bare:
            inner = WithSecrets(bare, secrets) if secrets else bare
            remarks = (*inner.remarks, *self.permissions.remarks(device))
            for remark in set(remarks) - self._remarked:
                self.console.print(remark)
            self._remarked.update(remarks)
            environment = self._guarded(Settled(inner, device=bare), bare, secrets, cautious)
            policy = self.permissions.heard(actor(bare, environment.action_space))
            yield Setting(bare, environment, policy, limits, secrets)

    def open_sites(self, device: Environment, instruction: str) -> None:
        """Opens the sites that an instruction names; prints which are open, if that is limited."""
        if isinstance(device, Sited) and (said := device.open_sites(instruction, self.person is not None)):
            if said not in self._remarked:
                self._remarked.add(said)
                self.console.print(said, soft_wrap=True)

    def hear(self, device: Environment, words: str) -> None:
        """What the user says during a run counts like the instruction: the sites and the acts that it names."""
        self.open_sites(device, words)
        self.permissions.hear(words)

    def _asking(self, device: Environment, secrets: Secrets, clock: Clock) -> Callable[[str], str] | None:
        """What asks the user, and hears the answer; None if nobody answers questions."""
        if not (self.person and self.person.answers):
            return None
        ask = asking(self.person, secrets, clock)

        def asked(question: str) -> str:
            answer = ask(question)
            self.hear(device, answer)
            return answer

        return asked

    def trusted(
        self,
        setting: Setting,
        engine: Engine | None,
        by_others: bool = False,
        asked: bool = False,
        schema: AnswerSchema | None = None,
        repeating: bool = False,
    ) -> Policy:
        """The setting's policy, whose word is checked, and whose lack of progress is noticed.

        Answers are held to `schema`, else to that of the options.

        `engine` is asked whether it is done; on a benchmark that is `by_others`, only where the options say so.
        With `asked`, the user, where there is one, is asked what to do about a lack of progress. A policy that is
        `repeating` a learned run has seen itself what had to be seen.
        """
        policy, environment = setting.policy, setting.environment
        if schema := schema or self._answer_schema:
            policy = Structured(policy, schema)
        if self.options.dry_run:  # nothing ever changes
            return policy
        if self.options.verify is not False:
            check = partial(self._check, setting, engine, by_others)
            confirmed = Confirmed(check) if repeating and not self._checks else check()
            policy = Verified(policy, environment.observe, confirmed)
        ask = self._asking(setting.device, setting.secrets, environment.clock) if asked else None
        return Stalls(policy, environment.action_space, ask)

    def playing(self, run: LearnedRun, device: Environment, space: ActionSpace, model: Policy | None) -> Policy:
        """A policy that repeats a learned run on this bare device, and hands over to the model, if there is one.

        Raises:
            UsageError: a step of the run is no action of this device.
        """
        return Playing(run, device, ModelPolicy(self.profile, ScriptedEngine((), self.profile), space), model)

    def masked(self, policy: Policy, secrets: Secrets) -> Policy:
        """The policy, which learns the names of secrets, and whose turns hold no value of one."""
        return Masked(policy, secrets, names=self.profile.brief is None) if secrets else policy

    def _check(self, setting: Setting, engine: Engine | None, by_others: bool) -> Check | None:
        """What confirms a claim: the user's own checks, else the model, where it can be asked."""
        if self._checks:
            return StateCheck(setting.device, self._checks)
        if engine is None or (by_others and not self.options.verify):
            return None
        asked = self._asked(engine)
        return Verifier(self.profile, asked, setting.environment.action_space) if asked else None

    def judge(self, engine: Engine | None, secrets: Secrets) -> Judge:
        """What answers a task's questions about the screen."""
        return Judge(self.profile, self._asked(engine) if engine else None, secrets)

    def _asked(self, engine: Engine) -> Engine | None:
        """The engine that answers questions; None if it answers none."""
        if isinstance(engine, ScriptedEngine):
            return engine.verifying
        return engine if self.profile.verifies else None

    def recorder(
        self,
        folder: Path,
        instruction: str,
        device: str,
        address: str | None,
        limits: Limits,
        space: ActionSpace,
        secrets: Secrets,
        past: Past | None = None,
    ) -> Recorder:
        """Starts the record of a run of this instruction, or continues the record of a run with a past.

        Raises:
            RecordFailure: the folder cannot be written. UsageError: the past is one of another device or model.
        """
        self.permissions.begin(folder, instruction)
        about = describe_run(
            instruction,
            device,
            address,
            self.engine_name,
            self.profile,
            space,
            limits,
            self.options.quantize if self.engine_name == "local" else None,
            self.options.arguments if type(self.options) is Options else (),  # a suite's are in its manifest
        )
        if past:
            require_same(folder, past.info, about)
            about = past.info.model_copy(update={"limits": limits, "resumed": (*past.info.resumed, about.started)})
        return telemetry.recorder(folder, about, secrets, continues=past is not None)

    def _guarded(self, environment: Environment, bare: Environment, secrets: Secrets, cautious: bool) -> Environment:
        if self.options.dry_run:
            environment = DryRun(environment)
        environment = self.permissions.around(environment, bare, secrets, cautious)
        if ask := self._asking(bare, secrets, environment.clock):
            environment = Attended(environment, ask)
        return Masking(environment, secrets) if secrets else environment
