"""The live page's server as an attacker meets it, and its interface as another program does, on a real port."""

import http.client
import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import httpx
import jsonschema
import pytest
from openapi_spec_validator import validate

import run_agent
from tasks.live.api import ROUTES, Route
from tasks.live.description import openapi
from tasks.live.runs import Runs
from tasks.live.server import Server
from tests.tasks.harness.test_page import record


class Served(NamedTuple):
    server: Server
    runs: Path

    def request(self, method: str, path: str, headers: dict[str, str], body: str = "") -> tuple[int, str]:
        """The status and text of a reply; the path and the headers are sent exactly as they are."""
        with closing(http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=60)) as connection:
            connection.putrequest(method, path, skip_host=True)
            for name, value in {"Host": f"127.0.0.1:{self.server.port}", **headers}.items():
                connection.putheader(name, value)
            connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body.encode())
            reply = connection.getresponse()
            return reply.status, reply.read().decode()

    def get(self, path: str) -> tuple[int, str]:
        return self.request("GET", path, {"Authorization": f"Bearer {self.server.token}"})


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    runs = tmp_path_factory.mktemp("runs")
    record(runs / "one", 2, "press </script>")
    with Server(Runs(runs, {})) as server:
        yield Served(server, runs)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_nothing_is_answered_without_the_token(served: Served, route: Route) -> None:
    path = route.path.replace("{run}", "one").replace("{picture}", "0000.png").replace("{session}", "session-1")
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"Cookie": f"token={served.server.token}"}):
        status, text = served.request(route.method, path, {"Content-Type": "application/json", **headers}, "{}")
        assert (status, "needs the token" in text) == (403, True), text
    assert served.request(route.method, f"{path}?token=wrong", {})[0] == 403


@pytest.mark.parametrize("path", ["/", "/runs/one", "/api/openapi.json", "/favicon.ico", "/docs"])
def test_nor_is_a_page(served: Served, path: str) -> None:
    assert served.request("GET", path, {})[0] == 403


@pytest.mark.parametrize(
    ("headers", "why"),
    [
        ({"Host": "evil.example:{port}"}, "only under the address"),
        ({"Host": "127.0.0.1"}, "only under the address"),
        ({"Host": "127.0.0.1:1"}, "only under the address"),
        ({"Host": "localhost.evil.example:{port}"}, "only under the address"),
        ({"Origin": "https://evil.example"}, "no requests of other pages"),
        ({"Origin": "null"}, "no requests of other pages"),
        ({"Origin": "http://127.0.0.1:1"}, "no requests of other pages"),
        ({"Origin": "https://127.0.0.1:{port}"}, "no requests of other pages"),
    ],
)
def test_other_hosts_and_other_pages_are_refused_even_with_the_token(
    served: Served, headers: dict[str, str], why: str
) -> None:
    sent = {name: value.format(port=served.server.port) for name, value in headers.items()}
    status, text = served.request("GET", f"/api/runs?token={served.server.token}", sent)
    assert (status, why in text) == (403, True), text
    own = {"Origin": f"http://127.0.0.1:{served.server.port}"}
    assert served.request("GET", f"/api/runs?token={served.server.token}", own)[0] == 200


def test_a_form_of_another_page_starts_nothing(served: Served) -> None:
    path = f"/api/runs?token={served.server.token}"
    for kind in ("application/x-www-form-urlencoded", "text/plain", "multipart/form-data"):
        status, text = served.request("POST", path, {"Content-Type": kind}, '{"instruction": "x"}')
        assert (status, "must be JSON" in text) == (415, True), text
    assert [each.name for each in served.runs.iterdir()] == ["one"]


@pytest.mark.parametrize(
    "path",
    [
        "/api/runs/one/screens/..%2f..%2fsecret.png", "/api/runs/one/screens/../../secret.png",
        "/api/runs/one/screens/..%5c..%5csecret.png", "/api/runs/one/screens/%2e%2e/run.json",
        "/api/runs/one/screens/..%2frun.json", "/api/runs/one/screens/%2fetc%2fpasswd",
        "/api/runs/..", "/api/runs/%2e%2e", "/api/runs/..%2fother", "/api/runs/one%2f..%2fone", "/runs/%2e%2e",
        "/api/runs/.hidden", "/api/runs/one%00", "/one/run.json", "//etc/passwd",
    ],
)  # fmt: skip
def test_no_path_leads_out_of_a_runs_pictures(served: Served, path: str) -> None:
    (served.runs.parent / "secret.png").write_text("secret")
    status, text = served.get(path)
    assert (status, "secret" in text, "instruction" in text) == (404, False, False), text


def test_pages_forbid_what_they_do_not_need(served: Served) -> None:
    reply = httpx.get(served.server.link_to("one"))
    assert reply.headers["cache-control"] == "no-store" and reply.headers["referrer-policy"] == "no-referrer"
    assert reply.headers["x-frame-options"] == "DENY" and "access-control-allow-origin" not in reply.headers
    assert "default-src 'none'" in reply.text and "unsafe" not in reply.text.split("<title>")[0]
    assert "press <" not in reply.text and "press \\u003c" not in reply.text, "texts come later, as data"


def test_the_description_is_valid_and_replies_are_as_it_says(served: Served) -> None:
    description = json.loads(served.get("/api/openapi.json")[1])
    validate(description)
    assert description == openapi()
    described = {(path, method) for path, methods in description["paths"].items() for method in methods}
    assert described == {(route.path, route.method.lower()) for route in ROUTES}
    for path in ("/api/runs", "/api/runs/{run}", "/api/runs/{run}/state"):
        told = description["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        whole = {**told, "components": description["components"]}
        jsonschema.validate(json.loads(served.get(path.replace("{run}", "one"))[1]), whole)


def test_a_recorded_run_is_watched_to_its_end_and_cannot_be_steered(served: Served) -> None:
    status, text = served.get("/api/runs/one/events")
    events = [event.split("\ndata: ") for event in text.strip().split("\n\n")]
    assert status == 200
    assert [name.removeprefix("event: ") for name, _ in events] == ["story", "step", "step", "ending", "state", "over"]
    assert json.loads(events[1][1])["thought"] == "press </script>"
    assert json.loads(events[3][1])["ending"] == "finished"
    header = {"Authorization": f"Bearer {served.server.token}"}
    for path, body in (("pause", {"paused": True}), ("stop", {}), ("messages", {"text": "x"}), ("acts", {})):
        reply = httpx.post(f"http://127.0.0.1:{served.server.port}/api/runs/one/{path}", json=body, headers=header)
        assert reply.status_code in (409, 422) and reply.json()["error"].endswith("."), path
    assert not (served.runs / "one" / "pause").exists()


def test_what_cannot_be_started_is_refused_in_a_sentence(served: Served) -> None:
    header = {"Authorization": f"Bearer {served.server.token}"}
    for body, why in [
        ({"instruction": " "}, "The instruction is empty."),
        ({"instruction": "x", "device": "toaster", "headless": True}, "has no effect"),
        ({"instruction": "x", "secrets": ["A=env:HOME@x"]}, "secrets: Extra inputs"),
        ({}, "Pass an instruction, or a learned run"),
        ({"instruction": "x", "learned": "buy"}, "one of them"),
        ({"instruction": "x", "parameters": {"what": "tea"}}, "Pass learned, too"),
        ({"learned": "nothing"}, "There is no learned run nothing.toml."),
    ]:
        reply = httpx.post(f"http://127.0.0.1:{served.server.port}/api/runs", json=body, headers=header)
        assert (reply.status_code, why in reply.json()["error"]) == (422, True), reply.text


def test_a_request_cannot_lift_what_the_server_was_started_with(tmp_path: Path) -> None:
    limits = {"policy": Path("careful.toml"), "confirm": True, "apps": ("a.b",)}
    with Server(Runs(tmp_path, limits)) as server:
        for field, value in (("policy", "/dev/null"), ("confirm", False), ("apps", ["c.d"])):
            header = {"Authorization": f"Bearer {server.token}"}
            body = {"instruction": "x", field: value}
            reply = httpx.post(f"http://127.0.0.1:{server.port}/api/runs", json=body, headers=header)
            assert reply.status_code == 422 and f"{field}: the server was started with" in reply.json()["error"]
    assert not list(tmp_path.iterdir())


def test_a_port_in_use_is_one_sentence(served: Served, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--serve", str(served.server.port), "--runs", str(tmp_path), "--model", "embedded"]
    assert run_agent.main(words) == 2
    said = " ".join(capsys.readouterr().err.split())
    assert said == f"The port {served.server.port} cannot be used: Address already in use. Pass another one, or none."
