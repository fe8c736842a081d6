"""`Options` and `SuiteRunOptions`: the user's options for a session and for a suite's run, typed and validated.

The command line is one reader of them, `Session` and `--resume` are others.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from actions.errors import UsageError
from agent.loop import Limits
from devices import DeviceOptions
from model.engines import EngineOptions

_OF_BROWSERS = frozenset({"headless", "viewport", "scale", "mobile", "user_data", "uploads", "permit", "sites"})
_OF_SECRETS = ("android", "browser", "desktop")
_OF_ENGINES: Mapping[str, frozenset[str]] = {
    "server": frozenset({"served_model", "api_key_file", "server_wait_s", "timeout_s", "allow_server_resize"}),
    "local": frozenset({"weights", "quantize"}),
    "scripted": frozenset({"replies"}),
}
NO_MODEL = "none"
"""The engine of a session that only repeats learned runs."""
Part = TypeVar("Part", bound=BaseModel)


class Options(DeviceOptions, EngineOptions):
    """The options of a session: those of its device and engine, and its own."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    device: str = "browser"
    model: str | None = None
    """A profile's name or a .toml file; None chooses the best model whose weights are on this machine."""
    engine: str | None = None
    """`local`, `server` or `scripted`; None derives it from `server` and `replies`."""
    notation: str | None = None
    """The form of the model's calls; None means the profile's."""
    context: int | None = Field(default=None, gt=0)
    """The context in tokens; None means the profile's."""
    min_pixels: int | None = Field(default=None, gt=0)
    """The smallest picture that is sent; None means the profile's."""
    max_pixels: int | None = Field(default=None, gt=0)
    """The largest picture that is sent; None means the profile's."""
    max_steps: int | None = Field(default=None, gt=0)
    max_seconds: float | None = Field(default=None, gt=0)
    dry_run: bool = False
    """Look and decide, but perform no action."""
    confirm: bool = False
    """Ask at the terminal before every action."""
    policy: Path | None = None
    """A TOML file of rules on what may be done (docs/safety.md)."""
    apps: tuple[str, ...] = ()
    """The packages of a phone, or the window classes of a desktop, that may be used without asking."""
    checks: tuple[str, ...] = ()
    """What must hold when the model says that it is done, in the phrases of tasks/scripted/claims.py."""
    learn: Path | None = None
    """The file, without its ending, in which a verified run is kept, to be repeated without a model."""
    parameters: dict[str, str] = {}
    """The values in a run that is kept which are parameters of it, by their names."""
    answer_schema: Path | None = None
    """A file with the JSON schema of the answer."""
    verify: bool | None = None
    """Whether the model's word that it is done is checked; None is as the profile and the suite say."""
    runs: Path = Path("runs")
    """The folder of all records."""
    verbose: bool = False
    """Print the timings of each step."""
    arguments: tuple[str, ...] = ()
    """The command line, with which `--resume` continues."""

    @classmethod
    def among(cls, flags: Mapping[str, Any]) -> dict[str, Any]:
        """Those of the given flags that are options."""
        return {name: value for name, value in flags.items() if name in cls.model_fields}

    @classmethod
    def chosen(cls, flags: Mapping[str, Any]) -> Self:
        """The options that the given flags set. Raises what `read` raises."""
        return cls.read(cls.among(flags))

    @classmethod
    def read(cls, values: Mapping[str, Any]) -> Self:
        """The options with these values.

        Raises:
            UsageError: there is no such option, a value is invalid, or an option has no effect with the others.
        """
        if unknown := values.keys() - cls.model_fields.keys():
            there = ", ".join(sorted(cls.model_fields))
            raise UsageError(f"There is no option {', '.join(sorted(unknown))}. The options are: {there}.")
        try:
            options = cls.model_validate(values)
        except ValidationError as error:
            found = "; ".join(
                f"{'.'.join(map(str, problem['loc']))}: {problem['msg']} (got {problem['input']!r})"
                for problem in error.errors()
            )
            raise UsageError(f"An option is not valid: {found}.") from error
        if reason := options._of_no_use():
            raise UsageError(f"An option has no effect: {reason}. Leave it out.")
        return options

    def _of_no_use(self) -> str | None:
        """A given option that has no effect for this device or engine, with the reason."""
        given = self.model_fields_set
        if self.secrets and self.device not in _OF_SECRETS:
            return f"a secret can be typed on {', '.join(_OF_SECRETS)}, and the device is {self.device}"
        if self.device != "browser" and (found := given & _OF_BROWSERS):
            return f"{min(found)} is for a browser, and the device is {self.device}"
        if type(self) is Options and self.device == "browser" and self.apps:
            return "apps is for a phone or a desktop, and the device is a browser"
        for engine, names in _OF_ENGINES.items():
            if self.engine_name != engine and (found := given & names):
                return f"{min(found)} is for the {engine} engine, and the engine is {self.engine_name}"
        return None

    @property
    def engine_name(self) -> str:
        """The engine that runs the model."""
        return self.engine or ("server" if self.server else "scripted" if self.replies else "local")

    @property
    def solving(self) -> bool:
        """Whether a suite's own solutions are played: a scripted engine without replies."""
        return self.engine_name == "scripted" and self.replies is None

    def device_options(self) -> DeviceOptions:
        """The options of the device."""
        return _part(DeviceOptions, self)

    def task_options(self, device: str, wanted: DeviceOptions, address: str | None) -> DeviceOptions:
        """The device options of a task: the task's own, with this address if the task has none, and all secrets.

        A browser also gets the user's `headless`, `uploads`, `permit` and `sites`.
        """
        secrets = {secret.name: secret for secret in (*wanted.secrets, *self.secrets)}
        update: dict[str, object] = {"address": wanted.address or address, "headless": False}
        update["secrets"] = tuple(secrets.values())
        if device == "browser":
            permit = tuple(dict.fromkeys((*wanted.permit, *self.permit)))
            update["sites"] = (*wanted.sites, *self.sites)
            update |= {"headless": self.headless, "permit": permit, "uploads": self.uploads or wanted.uploads}
        return wanted.model_copy(update=update)

    def engine_options(self) -> EngineOptions:
        """The options of the engine."""
        return _part(EngineOptions, self)

    def limits(self, default: Limits) -> Limits:
        """The limits: as given, else the defaults."""
        return replace(default, steps=self.max_steps or default.steps, seconds=self.max_seconds or default.seconds)


class SuiteRunOptions(Options):
    """The options of a suite's run."""

    suite: str
    """The name of a suite, or a .toml or .yaml file."""
    seed: int = 0
    limit: int | None = Field(default=None, gt=0)
    """Only the first tasks."""
    episodes: int | None = Field(default=None, gt=0)
    """Tasks of each kind, one seed each."""
    tasks: tuple[str, ...] | None = None
    """Only tasks of these kinds."""
    data_root: Path | None = None
    zoom: bool = False
    """Grounding: ask again about the region around the first point."""
    point_only: bool = False
    """Still pictures: the model writes only coordinates."""
    rule: str | None = None
    """The benchmark's scoring rule."""
    trials: int = Field(default=1, gt=0)
    baselines: bool = False
    """Also run a random actor and an idle one on each task."""
    workers: int | None = Field(default=None, gt=0)
    cluster: str | None = None
    """The address of a Ray cluster."""
    junit: Path | None = None
    """The file for the results as JUnit XML."""
    as_json: bool = False
    """Print the summary as one JSON object and nothing else."""
    force: bool = False
    """Run a benchmark even if the model seems to answer in another frame."""
    resume: Path | None = None
    """The run to continue."""


def _part(kind: type[Part], options: Options) -> Part:
    """The fields that the options share with one of their base classes."""
    return kind(**{name: getattr(options, name) for name in kind.model_fields})
