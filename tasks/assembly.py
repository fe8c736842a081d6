"""`Assembly`: what the flags ask for, put together the same way for an instruction, a suite and a worker of one."""

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path

from rich.console import Console

import devices
from actions.action import ActionSpace
from actions.errors import UsageError
from agent import arguments
from agent.loop import Limits, Policy
from agent.record import Recorder
from agent.run_info import describe_run
from devices import DeviceOptions, Environment
from devices.wrappers.guarded import Attended, Confirmed, DryRun
from devices.wrappers.settled import Settled
from model import engines, profile
from model.engine import Engine
from model.engines.server.engine import ServerEngine
from model.profile import Profile
from tasks.runner import Setting

ROOT = Path(__file__).parent.parent
Actor = Callable[[Environment, ActionSpace], Policy]
"""Who acts, made for a bare device and the action space that the actor is given."""


def fitted(options: DeviceOptions, device: str, profile: Profile) -> DeviceOptions:
    """The options with which a browser opens as large as the model knows screens, where nothing else is said."""
    viewport = options.viewport or (profile.screen if device == "browser" else None)
    return options.model_copy(update={"viewport": viewport})


class Assembly:
    """The profile, the engine and the device with its wrappers that the flags ask for."""

    def __init__(self, given: argparse.Namespace, console: Console) -> None:
        self.given = given
        self.console = console
        self.engine_name = given.engine or ("server" if given.server else "scripted" if given.replies else "local")
        name = given.model or profile.preferred(weights_needed=self.engine_name == "local")
        if name == "embedded" and given.model is None:
            console.print("No Qwen2.5-VL weights are here: this is the small model in the box (--model embedded).")
        self.profile = profile.adjusted(profile.load(name), notation=given.notation, context=given.context)

    @property
    def solving(self) -> bool:
        """Whether a suite's own solutions are to be played: a scripted engine with nothing to say."""
        return self.engine_name == "scripted" and self.given.replies is None

    def engine(self) -> AbstractContextManager[Engine]:
        engine = engines.connect(self.engine_name, self.profile, arguments.engine_options(self.given))
        if isinstance(engine, ServerEngine):
            self.console.print(f"The server is asked through {engine.path}.", highlight=False, markup=False)
        return closing(engine)

    def options(self, downloads: Path) -> DeviceOptions:
        """How the device of an instruction is opened."""
        options = arguments.device_options(self.given, downloads)
        if options.address or not self.profile.page or self.given.device != "browser":
            return options
        self.console.print(f"No --address: this is {self.profile.page}.", highlight=False, markup=False)
        return options.model_copy(update={"address": str(ROOT / self.profile.page)})

    @contextmanager
    def setting(
        self, device: str, options: DeviceOptions, actor: Actor, limits: Limits | None = None
    ) -> Iterator[Setting]:
        """The device, the environment that the actor has around it, and the actor."""
        with devices.connect(device, fitted(options, device, self.profile)) as bare:
            environment = self._guarded(Settled(bare))
            yield Setting(bare, environment, actor(bare, environment.action_space), limits)

    def recorder(
        self, folder: Path, instruction: str, device: str, address: str | None, limits: Limits, setting: Setting
    ) -> Recorder:
        space = setting.environment.action_space
        quantize = self.given.quantize if self.engine_name == "local" else None
        about = describe_run(instruction, device, address, self.engine_name, self.profile, space, limits, quantize)
        return Recorder(folder, about)

    def _guarded(self, environment: Environment) -> Environment:
        attended = sys.stdin.isatty()
        if self.given.confirm and not attended:
            raise UsageError("--confirm asks before every action, but there is no terminal to ask on.")
        if self.given.dry_run:
            environment = DryRun(environment)
        if self.given.confirm:
            environment = Confirmed(environment, lambda text: input(f"{text} [y/n] ").strip().lower() == "y")
        return Attended(environment, lambda question: input(f"{question} ")) if attended else environment
