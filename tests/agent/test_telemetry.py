"""Spans of a run: their names, attributes, times and parents, what they hold, and that a collector gets them."""

import gzip
import http.server
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from actions.action import Outcome
from actions.geometry import Point
from actions.keyboard import Type
from actions.secrets import Secret, Secrets
from actions.touch import Tap
from agent import telemetry
from agent.episode import Ending, Episode, Mistake, Seconds, Step, Turn, Usage, Verification
from agent.record import Recorder
from agent.telemetry import TracedRecorder
from tasks.worlds.site_server import serving
from tests.agent.test_record import about
from tests.fakes.pictures import PictureRow

ROOT = Path(__file__).parent.parent.parent
VALUE = "Canary-7f3a"
SECONDS = Seconds(look=1.0, think=2.0, act=0.5)
USAGE = Usage(prompt_tokens=10, completion_tokens=3, prompt_s=0.25, model_s=1.5)
INSTRUCTION = f"tell nobody {VALUE}"


def steps() -> tuple[Step, ...]:
    """A tap, a text that is refused, and a reply whose claim was checked."""
    look = PictureRow().observe()
    made = Verification(look, "Is it so?", True, "It is.", "yes", (), USAGE._replace(model_s=0.25))
    turns = (
        (Turn("tap it", "", Tap(point=Point(5, 6)), usage=USAGE), Outcome(f"Tapped {VALUE}.")),
        (Turn("type", "", Type(text=VALUE), Mistake("ActionRefused", "no"), usage=USAGE), Outcome("no")),
        (Turn("done", "", None, usage=USAGE, verification=made, ending=Ending.FINISHED), Outcome("")),
    )
    return tuple(Step(index, look, turn, outcome, SECONDS) for index, (turn, outcome) in enumerate(turns))


def spans(folder: Path, ending: Ending = Ending.FINISHED) -> list[ReadableSpan]:
    """The spans of an episode of these steps, the last to end first."""
    exporter, provider = InMemorySpanExporter(), TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    secrets = Secrets([Secret("PW", VALUE, "shop.test")])
    info = about(INSTRUCTION)
    with TracedRecorder(provider.get_tracer("test"), folder, info, secrets) as recorder:
        for step in steps():
            recorder.on_step(step)
        recorder.finish(
            Episode(INSTRUCTION, steps(), ending, "DeviceFailure: gone" if ending is Ending.FAILED else "all well")
        )
    return list(reversed(exporter.get_finished_spans()))


def attributes(span: ReadableSpan) -> dict[str, object]:
    return dict(span.attributes or {})


def test_an_episode_is_a_tree_of_spans_by_the_conventions(tmp_path: Path) -> None:
    episode, *parts = spans(tmp_path / "run")
    assert episode.name == "invoke_agent screenhand" and episode.parent is None
    assert attributes(episode) == {
        "gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": "screenhand",
        "gen_ai.provider.name": "screenhand", "gen_ai.request.model": "embedded",
        "gen_ai.usage.input_tokens": 40, "gen_ai.usage.output_tokens": 12,
        "screenhand.device": "still", "screenhand.engine": "scripted",
        "screenhand.ending": "finished", "screenhand.steps": 3,
    }  # fmt: skip
    rounds = [span for span in parts if span.name == "step"][::-1]
    below = {
        attributes(span)["screenhand.step.index"]: [
            child for child in parts[::-1] if child.parent and child.parent.span_id == span.context.span_id
        ]
        for span in rounds
    }
    assert [[child.name for child in below[index]] for index in range(3)] == [
        ["look", "prompt", "chat embedded", "execute_tool Tap"],
        ["look", "prompt", "chat embedded", "execute_tool Type"],
        ["look", "prompt", "chat embedded", "chat embedded"],
    ]
    assert all(span.parent and span.parent.span_id == episode.context.span_id for span in rounds)
    look, prompt, chat, tool = below[0]
    assert attributes(chat) == {
        "gen_ai.operation.name": "chat", "gen_ai.provider.name": "screenhand", "gen_ai.request.model": "embedded",
        "gen_ai.usage.input_tokens": 10, "gen_ai.usage.output_tokens": 3,
    }  # fmt: skip
    assert attributes(tool)["gen_ai.tool.name"] == "Tap" and attributes(tool)["gen_ai.operation.name"] == "execute_tool"
    assert [lasted(span) for span in (rounds[0], look, prompt, chat, tool)] == [3.5, 1.0, 0.25, 1.5, 0.5]
    assert look.end_time == prompt.start_time and tool.end_time == rounds[0].end_time
    assert ended(below[2][3]) == ended(rounds[2]) - 500_000_000, "the claim was checked before the turn was performed"
    failed = [span.status.status_code is StatusCode.ERROR for span in rounds]
    assert failed == [False, True, False] and attributes(rounds[1])["error.type"] == "ActionRefused"


def ended(span: ReadableSpan) -> int:
    assert span.end_time
    return span.end_time


def lasted(span: ReadableSpan) -> float:
    assert span.start_time
    return (ended(span) - span.start_time) / 1e9


def test_texts_are_held_only_on_request_and_secrets_never(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def held(name: str) -> str:
        return json.dumps([[span.name, attributes(span)] for span in spans(tmp_path / name)])

    silent = held("silent")
    assert not [text for text in ("tell nobody", "tap it", "Tapped", "Is it so", VALUE, "all well") if text in silent]
    monkeypatch.setenv(telemetry.CAPTURE, "SPAN_ONLY")
    spoken = held("spoken")
    assert (
        all(text in spoken for text in ("tell nobody {{PW}}", "tap it", "Tapped {{PW}}", "yes", "all well"))
        and VALUE not in spoken
    )


def test_a_failure_is_an_error_of_its_kind(tmp_path: Path) -> None:
    episode = spans(tmp_path / "run", Ending.FAILED)[0]
    assert episode.status.status_code is StatusCode.ERROR and attributes(episode)["error.type"] == "DeviceFailure"
    assert not episode.status.description


@pytest.fixture
def collector() -> Iterator[tuple[str, list[bytes]]]:
    """A collector's address, and the bodies that it got at `/v1/traces`."""
    got: list[bytes] = []

    class Collector(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            got.append(gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body)
            self.send_response(200 if self.path == "/v1/traces" else 404)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    with serving(Collector) as address:
        yield address, got


def played(folder: Path, **environment: str) -> None:
    """The command line plays cards: a process of its own, as everywhere."""
    (folder / "replies").write_text('*FUNCTION*: Finish\n*ARGS*: {"status": "success"}')
    words = ["play cards", "--device", "cards", "--model", "embedded", "--replies", str(folder / "replies")]
    command = [sys.executable, str(ROOT / "run_agent.py"), *words, "--no-verify", "--runs", str(folder / "runs")]
    done = subprocess.run(
        command, env={**os.environ, **environment}, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0 and "Traceback" not in done.stderr, done.stdout + done.stderr


def test_a_collector_gets_the_spans_of_a_run(tmp_path: Path, collector: tuple[str, list[bytes]]) -> None:
    address, got = collector
    played(tmp_path, OTEL_EXPORTER_OTLP_ENDPOINT=address)
    sent = [span for body in got for resource in ExportTraceServiceRequest.FromString(body).resource_spans
            for scope in resource.scope_spans for span in scope.spans]  # fmt: skip
    assert {span.name for span in sent} >= {"invoke_agent screenhand", "step", "look", "chat embedded"}
    assert b"play cards" not in b"".join(got)


def test_a_collector_that_is_down_ends_no_run(tmp_path: Path) -> None:
    played(tmp_path, OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:9")


@pytest.mark.parametrize("named", [{}, {"OTEL_SDK_DISABLED": "true"}, {"OTEL_TRACES_EXPORTER": "none"}])
def test_nothing_is_sent_unless_the_environment_names_a_collector_and_wants_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: dict[str, str]
) -> None:
    for name, value in {**named, **({telemetry.ENDPOINTS[0]: "http://127.0.0.1:9"} if named else {})}.items():
        monkeypatch.setenv(name, value)
    made = telemetry.recorder(tmp_path / "run", about(INSTRUCTION), Secrets(), continues=False)
    assert type(made) is Recorder
