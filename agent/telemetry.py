"""`recorder`: a recorder whose run also becomes spans of OpenTelemetry, if its user has asked for that.

The user has, with a tracer provider in the program, or with the address of a collector in the environment
(`OTEL_EXPORTER_OTLP_ENDPOINT` or `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT`) and the SDK installed. Names and attributes
follow the semantic conventions for generative AI:

    invoke_agent screenhand     an episode
        step                    a round
            look
            prompt              choosing what to remember, and building the prompt
            chat MODEL          a reply; a second one checks the claim that the task is done
            execute_tool NAME   an action

A span holds no instruction, reply, typed text or screenshot. With OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT it
holds the texts, with secrets masked, and still no screenshot.
"""

import functools
import json
import logging
import os
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from actions.secrets import Secrets
from agent.episode import Ending, Episode, Step, Usage
from agent.record import Recorder
from agent.run_info import RunInfo

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Span, SpanKind, Tracer

LOG = logging.getLogger(__name__)
NAME = "screenhand"
ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
CAPTURE = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"
CAPTURING = ("true", "span_only", "span_and_event")
FLUSH_S = 2.0
"""How long the end of an episode waits for a collector."""
Attributes = Mapping[str, str | int | float | bool]


def recorder(folder: Path, info: RunInfo, secrets: Secrets, continues: bool) -> Recorder:
    """A recorder, with spans if the user has asked for them. Raises RecordFailure as a recorder does."""
    tracer = _tracer()
    if tracer is None:
        return Recorder(folder, info, secrets, continues)
    return TracedRecorder(tracer, folder, info, secrets, continues)


class TracedRecorder(Recorder):
    """A recorder that also makes a span of the run, and of each step once it is done."""

    def __init__(
        self, tracer: "Tracer", folder: Path, info: RunInfo, secrets: Secrets | None = None, continues: bool = False
    ) -> None:
        super().__init__(folder, info, secrets, continues)
        self._tracer = tracer
        self._info = info
        self._content = os.environ.get(CAPTURE, "").lower() in CAPTURING
        self._spent = [0, 0]
        self._episode: Span

    def __enter__(self) -> Self:
        model = {"gen_ai.provider.name": self._provider, "gen_ai.request.model": self._info.profile.name}
        about = {"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": NAME, **model}
        about |= {"screenhand.device": self._info.device, "screenhand.engine": self._info.engine}
        said = self._messages("gen_ai.input.messages", "user", self._info.instruction)
        self._episode = self._tracer.start_span(f"invoke_agent {NAME}", attributes={**about, **said})
        return super().__enter__()

    def on_step(self, step: Step) -> None:
        ended = time.time_ns()
        super().on_step(step)
        self._trace(step, ended)

    def finish(self, episode: Episode, score: float | None = None, why: str = "") -> None:
        super().finish(episode, score, why)
        self._episode.set_attributes(
            {"screenhand.ending": episode.ending.value, "screenhand.steps": len(episode.steps)}
        )
        self._episode.set_attributes(self._messages("gen_ai.output.messages", "assistant", episode.answer))
        if episode.ending is Ending.FAILED:
            self._mark_failed(self._episode, episode.answer.partition(":")[0])

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        super().__exit__(kind, error, trace)
        if kind:
            self._mark_failed(self._episode, kind.__name__)
        self._episode.set_attributes(_tokens(*self._spent))
        self._episode.end()
        _flush()

    @property
    def _provider(self) -> str:
        """Who runs the model: behind a server it is whatever speaks OpenAI's protocol there."""
        return "openai" if self._info.engine == "server" else NAME

    def _trace(self, step: Step, ended: int) -> None:
        """The spans of a step that ended at this time, in nanoseconds. Its parts were timed as they happened."""
        turn, seconds = step.turn, step.seconds
        acting = ended - _ns(seconds.act)
        looked = acting - _ns(seconds.think)
        began = looked - _ns(seconds.look)
        whole = self._span("step", self._episode, began, {"screenhand.step.index": step.index})
        self._span("look", whole, began, {}).end(looked)
        if turn.usage:
            prompted = looked + _ns(turn.usage.prompt_s)
            self._span("prompt", whole, looked, {}).end(prompted)
            self._chat(whole, prompted, turn.usage, turn.text)
        made = turn.verification
        if made and made.usage:
            self._chat(whole, acting - _ns(made.usage.model_s), made.usage, made.reply or "")
        if turn.action:
            self._tool(whole, acting, step).end(ended)
        if turn.mistake:
            self._mark_failed(whole, turn.mistake.kind)
        whole.end(ended)

    def _chat(self, parent: "Span", began: int, usage: Usage, reply: str) -> None:
        from opentelemetry.trace import SpanKind

        model = self._info.profile.name
        about = {"gen_ai.operation.name": "chat", "gen_ai.provider.name": self._provider, "gen_ai.request.model": model}
        said = self._messages("gen_ai.output.messages", "assistant", reply)
        kind = SpanKind.CLIENT if self._info.engine == "server" else SpanKind.INTERNAL
        tokens = _tokens(usage.prompt_tokens, usage.completion_tokens)
        self._spent = [spent + new for spent, new in zip(self._spent, tokens.values(), strict=True)]
        self._span(f"chat {model}", parent, began, {**about, **tokens, **said}, kind).end(began + _ns(usage.model_s))

    def _tool(self, parent: "Span", began: int, step: Step) -> "Span":
        action = step.turn.action
        assert action is not None
        name = type(action).__name__
        about = {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": name, "gen_ai.tool.type": "function"}
        if step.outcome.permit:
            about["screenhand.permit"] = step.outcome.permit.value
        if self._content:
            about["gen_ai.tool.call.arguments"] = self._masked(action.model_dump_json())
            about["gen_ai.tool.call.result"] = self._masked(step.outcome.text)
        return self._span(f"execute_tool {name}", parent, began, about)

    def _span(
        self, name: str, parent: "Span", began: int, attributes: Attributes, kind: "SpanKind | None" = None
    ) -> "Span":
        from opentelemetry.trace import SpanKind, set_span_in_context

        within = set_span_in_context(parent)
        return self._tracer.start_span(name, within, kind or SpanKind.INTERNAL, attributes, start_time=began)

    def _messages(self, name: str, role: str, text: str) -> Attributes:
        """The attribute with a message, if texts are wanted."""
        if not self._content:
            return {}
        return {name: json.dumps([{"role": role, "parts": [{"type": "text", "content": self._masked(text)}]}])}

    def _masked(self, text: str) -> str:
        return self._secrets.masked(text)

    def _mark_failed(self, span: "Span", kind: str) -> None:
        from opentelemetry.trace import StatusCode

        span.set_attribute("error.type", kind)
        span.set_status(StatusCode.ERROR)


def _tokens(read: int, written: int) -> dict[str, int]:
    return {"gen_ai.usage.input_tokens": read, "gen_ai.usage.output_tokens": written}


def _ns(seconds: float) -> int:
    return round(seconds * 1e9)


def _tracer() -> "Tracer | None":
    """The tracer of the program's provider, else of the environment's; None if there is neither."""
    try:
        from opentelemetry import trace
    except ModuleNotFoundError:
        if any(map(os.environ.get, ENDPOINTS)):
            _warn_of_missing("opentelemetry")
        return None
    provider: trace.TracerProvider | None = trace.get_tracer_provider()
    if isinstance(provider, trace.ProxyTracerProvider):
        provider = _own_provider()
    return provider.get_tracer(NAME) if provider else None


@functools.cache
def _own_provider() -> "TracerProvider | None":
    """Sends spans to the collector that the environment names. It stays our own: the program may set up another one."""
    wanted = any(map(os.environ.get, ENDPOINTS)) and os.environ.get("OTEL_TRACES_EXPORTER", "otlp") == "otlp"
    if not wanted or os.environ.get("OTEL_SDK_DISABLED", "").lower() == "true":
        return None
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import SERVICE_NAME, Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ModuleNotFoundError as error:
        _warn_of_missing(str(error.name))
        return None
    resource = Resource.create()
    if str(resource.attributes[SERVICE_NAME]).startswith("unknown_service"):
        resource = resource.merge(Resource({SERVICE_NAME: NAME}))
    provider = TracerProvider(resource=resource, shutdown_on_exit=False)  # _flush has sent everything by then
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return provider


@functools.cache
def _warn_of_missing(package: str) -> None:
    LOG.warning(
        "The environment names a collector of OpenTelemetry, but the package %s is missing, so no spans are sent. "
        "Install it with: pip install '.[telemetry]'",
        package,
    )


def _flush() -> None:
    """Sends what our own provider holds. A collector that does not answer is not waited for longer than FLUSH_S."""
    if _own_provider.cache_info().currsize and (provider := _own_provider()):
        sending = threading.Thread(target=provider.force_flush, name="telemetry", daemon=True)
        sending.start()
        sending.join(FLUSH_S)
