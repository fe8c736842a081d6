"""A run that is watched, steered and taken over at its page: real processes, a real server and real browsers."""

import base64
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from PIL import Image
from playwright.sync_api import Page, expect, sync_playwright

from agent.flags import read, words
from agent.record import read_episode
from agent.run_info import read_info
from devices.browser import launch
from tasks.live.channel import Channel
from tasks.live.front import GONE, Front
from tasks.live.runs import Runs
from tasks.live.server import Server
from tests.devices.browser.at import BUTTON, Site

ROOT = Path(__file__).parent.parent.parent.parent
PATIENCE_MS = 120_000
CLICK = 'Press </script><b>it</b>.\n*FUNCTION*: click\n*ARGS*: {"point": [100, 130]}'
WAIT = '*FUNCTION*: wait\n*ARGS*: {"seconds": 1}'
DONE = '*FUNCTION*: done\n*ARGS*: {"status": "success", "text": "ok"}'
PAGE = f"""<title>bank</title><button id=b {BUTTON} onclick="fetch('/pressed').then(() => b.textContent = 'Sent')">
Send</button>"""


@pytest.fixture
def site() -> Iterator[Site]:
    with Site.served() as served:
        yield served


@contextmanager
def page_of_its_own() -> Iterator[Page]:
    """A page of another browser than those of runs."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=launch.program(playwright.chromium.executable_path), args=["--no-sandbox"]
        )
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.set_default_timeout(PATIENCE_MS)
        expect.set_options(timeout=PATIENCE_MS)
        yield page
        browser.close()


def test_a_person_approves_takes_over_and_says_something_at_the_page(tmp_path: Path, site: Site) -> None:
    """The click that the person makes is held to the same rules as the model's, and only the model's is recorded."""
    pressed: list[str] = []
    site.asked = lambda path: pressed.append(path) if path == "/pressed" else None
    (tmp_path / "replies").write_text("\n---\n".join([CLICK, *[WAIT] * 60, DONE]))
    (tmp_path / "careful.toml").write_text('[[rule]]\ndecision = "ask"\nactions = ["Click"]\nwhy = "Careful."\n')
    defaults = {
        "headless": True, "model": "qwen2.5-vl-7b", "replies": tmp_path / "replies", "notation": "function_args",
        "max_steps": 60, "policy": tmp_path / "careful.toml", "verify": False,
    }  # fmt: skip
    with Server(Runs(tmp_path / "runs", defaults)) as server, page_of_its_own() as page:
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(server.link)
        page.fill("[aria-label=instruction]", "press the button")
        page.fill("[name=address]", site.add("/", PAGE))
        page.click("text=Start")
        card = page.locator(".card")
        expect(card).to_contain_text("button 'Send'")
        assert "The model wants to do: Click((" in card.inner_text()
        assert "Press </script><b>it</b>." in card.inner_text() and "Careful." in card.inner_text()
        expect(card.locator("img")).to_have_js_property("complete", True)
        assert card.locator("img").evaluate("image => image.naturalWidth") > 100
        page.keyboard.press("Enter")  # of somebody who was typing when the question came
        page.keyboard.press("Space")
        card.get_by_label("reason").fill("not yet")
        card.get_by_role("button", name="Deny", exact=True).click()
        expect(page.locator(".timeline li")).not_to_have_count(1)
        page.get_by_role("button", name="Take over").click()
        screen = page.locator(".screen.yours")
        screen.wait_for()
        recorded = len(lines(tmp_path))
        box = screen.locator("img").bounding_box()
        assert box
        page.mouse.click(box["x"] + box["width"] * 100 / 1280, box["y"] + box["height"] * 130 / 800)
        expect(card).to_contain_text("button 'Send'")
        expect(screen).to_be_focused()  # the question takes no key from the device
        card.get_by_role("button", name="Allow", exact=True).click()
        expect(page.locator(".notice")).to_contain_text("The user allowed it.")
        assert pressed == ["/pressed"] and len(lines(tmp_path)) == recorded
        page.get_by_label("message to the model").fill("I pressed it </script>")
        page.keyboard.press("Enter")
        expect(page.locator(".notice")).to_contain_text("with its next prompt")
        page.get_by_role("button", name="Continue").click()
        expect(page.locator(".timeline li")).to_have_count(recorded + 2)
        page.get_by_role("button", name="Stop").click()
        expect(page.locator(".badge").first).to_have_text("stopped")
    (folder,) = (tmp_path / "runs").iterdir()
    episode = read_episode(folder)
    assert (episode.steps[0].outcome.permit, episode.ending) == ("denied", "stopped")
    assert "The user says: not yet" in episode.steps[0].outcome.text
    noted = next(made for step in episode.steps if (made := step.observation.intervention))
    assert "a person may have used the device" in noted.note and noted.said == ("I pressed it </script>",)
    assert not errors


@pytest.mark.slow
def test_a_phone_is_taken_over_during_a_models_run(tmp_path: Path) -> None:
    """Taps on the picture and the buttons of the device reach it; the model goes on where the person has left it."""
    (tmp_path / "replies").write_text("\n---\n".join([WAIT] * 60))
    defaults = {
        "device": "android", "address": "simphone", "model": "qwen2.5-vl-7b", "replies": tmp_path / "replies",
        "notation": "function_args", "max_steps": 60, "verify": False,
    }  # fmt: skip
    with Server(Runs(tmp_path / "runs", defaults)) as server, page_of_its_own() as page:
        page.goto(server.link)
        page.fill("[aria-label=instruction]", "wait")
        page.click("text=Start")
        expect(page.locator(".timeline li")).not_to_have_count(0)
        page.get_by_role("button", name="Take over").click()
        screen = page.get_by_role("application")
        screen.wait_for()
        box = screen.locator("img").bounding_box()
        assert box
        page.mouse.click(box["x"] + box["width"] * 160 / 1080, box["y"] + box["height"] * 1690 / 2400)
        expect(page.locator(".notice")).to_contain_text("Tap(")
        recorded = len(lines(tmp_path))
        page.get_by_role("button", name="Continue").click()
        expect(page.locator(".timeline li").nth(recorded + 1)).to_be_attached()
        page.get_by_role("button", name="Take over").click()
        page.get_by_role("group", name="buttons of the device").get_by_role("button", name="Home").click()
        expect(page.locator(".notice")).to_contain_text("Home")
        page.get_by_role("button", name="Stop").click()
        expect(page.locator(".badge").first).to_have_text("stopped")
    (folder,) = (tmp_path / "runs").iterdir()
    seen = [step.observation for step in read_episode(folder).steps]
    noted, made = next((look, look.intervention) for look in seen if look.intervention)
    assert seen[0].location == "com.simphone.launcher" != noted.location
    assert made and "a person may have used the device" in made.note


def test_a_run_of_the_command_line_is_watched_over_http_and_nothing_else_is(tmp_path: Path) -> None:
    Image.new("RGB", (320, 240), "white").save(tmp_path / "picture.png")
    (tmp_path / "replies").write_text("\n---\n".join([CLICK, DONE]))
    command = [
        "--device", "still", "--address", str(tmp_path / "picture.png"), "--model", "qwen2.5-vl-7b", "--no-verify",
        "--replies", str(tmp_path / "replies"), "--notation", "function_args", "--runs", str(tmp_path / "runs"),
    ]  # fmt: skip
    run = subprocess.Popen(
        [sys.executable, str(ROOT / "run_agent.py"), "press it", "--live", "--confirm", *command],
        cwd=tmp_path, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    assert run.stdout
    with run:
        printed = ""
        while not (link := re.search(r"Live page: (http://\S+)/runs/(\S+)\?token=(\S+)", printed)):
            printed += run.stdout.readline() or pytest.fail(printed)
        address, name, token = link.groups()
        with httpx.Client(base_url=address, headers={"Authorization": f"Bearer {token}"}, timeout=120) as client:
            assert client.post("/api/runs", json={"instruction": "x"}).status_code == 409
            assert client.get("/api/runs/other").status_code == 404
            assert [each["name"] for each in client.get("/api/runs").json()["runs"]] in ([], [name])
            told: dict[str, list[dict[str, object]]] = {}
            with client.stream("GET", f"/api/runs/{name}/events") as stream:
                kind = ""
                for line in stream.iter_lines():
                    kind = line.removeprefix("event: ") if line.startswith("event: ") else kind
                    if not line.startswith("data: "):
                        continue
                    content = json.loads(line.removeprefix("data: "))
                    told.setdefault(kind, []).append(content)
                    if kind == "state" and content["waiting"]:
                        answer = {"id": content["waiting"][0]["id"], "answer": "yes"}
                        client.post(f"/api/runs/{name}/answers", json=answer)
        assert run.wait(60) == 0, printed + run.stdout.read()
    assert told["step"][0]["pending"] is True
    last = {step["number"]: (step["pending"], step["permit"]) for step in told["step"]}
    assert last == {0: (False, "approved"), 1: (False, "")}
    assert told["ending"][0]["ending"] == "finished"


def test_a_session_looks_answers_and_finds_over_http(tmp_path: Path) -> None:
    Image.new("RGB", (320, 240), "blue").save(tmp_path / "picture.png")
    said = ('*FUNCTION*: Answer\n*ARGS*: {"text": "blue"}', '*FUNCTION*: Click\n*ARGS*: {"point": [60, 40]}')
    (tmp_path / "replies").write_text("\n---\n".join(said))
    defaults = {"model": "qwen2.5-vl-7b", "replies": tmp_path / "replies", "notation": "function_args"}
    still = {"device": "still", "address": str(tmp_path / "picture.png")}
    with Server(Runs(tmp_path / "runs", defaults)) as server:
        header = {"Authorization": f"Bearer {server.token}"}
        with httpx.Client(base_url=server.link.partition("?")[0], headers=header, timeout=120) as client:
            refused = client.post("/api/sessions", json={**still, "address": "nothing.png"})
            assert (refused.status_code, "nothing.png" in refused.json()["error"]) == (422, True)
            made = client.post("/api/sessions", json=still)
            session = f"/api/sessions/{made.json()['session']}"
            looked = client.get(f"{session}/look").json()
            assert looked["screen"] == [320, 240] and base64.b64decode(looked["picture"])[:4] == b"\x89PNG"
            assert client.post(f"{session}/ask", json={"question": "Which colour?"}).json() == {"answer": "blue"}
            found = client.post(f"{session}/locate", json={"description": "the middle"}).json()
            assert found == {"x": pytest.approx(60, abs=3), "y": pytest.approx(40, abs=3)}
            assert client.delete(session).status_code == 200 and client.delete(session).status_code == 404


def test_a_learned_run_is_started_over_http_and_says_how_each_step_was_decided(tmp_path: Path) -> None:
    Image.new("RGB", (320, 240), "blue").save(tmp_path / "picture.png")
    (tmp_path / "wait.toml").write_text(f"""instruction = "Wait for {{{{whom}}}}."
device = "still"
address = {json.dumps(str(tmp_path / "picture.png"))}
screen = [320, 240]
density = 1
parameters = {{ whom = "Ada" }}
steps = [
    {{ action = "Wait", arguments = {{ seconds = 0.1 }} }},
    {{ action = "Finish", arguments = {{ status = "success", text = "{{{{whom}}}} came" }} }},
]
""")
    with Server(Runs(tmp_path / "runs", {})) as server:
        header = {"Authorization": f"Bearer {server.token}"}
        with httpx.Client(base_url=server.link.partition("?")[0], headers=header, timeout=120) as client:
            body = {"learned": str(tmp_path / "wait"), "parameters": {"whom": "Grace"}}
            started = client.post("/api/runs", json=body)
            assert started.status_code == 201, started.text
            name = started.json()["run"]
            client.get(f"/api/runs/{name}/events")  # until it is over
            story = client.get(f"/api/runs/{name}").json()
    assert (story["instruction"], story["ending"], story["answer"]) == ("Wait for Grace.", "finished", "Grace came")
    assert [step["repetition"] for step in story["steps"]] == ["repeated", "repeated"] and story["model"] == "no model"
    arguments = read_info(tmp_path / "runs" / name).arguments
    assert read(arguments)["do"] == [str(tmp_path / "wait"), "whom=Grace"]  # so `--resume` continues it


def test_once_the_page_is_gone_a_question_is_answered_with_no(tmp_path: Path) -> None:
    (reading, theirs), (unread, writing) = os.pipe(), os.pipe()
    channel = Channel(os.fdopen(reading, "rb"), os.fdopen(writing, "wb"))
    front = Front(channel)
    os.close(theirs)
    approval = front.decide("Click it?", [], None)
    assert (approval.answer, approval.reason) == ("no", GONE) and front.ask("Who are you?") == ""
    os.close(unread)
    channel.close()


def test_sending_never_waits_for_a_reader_that_does_not_read() -> None:
    (reading, theirs), (unread, writing) = os.pipe(), os.pipe()
    with os.fdopen(reading, "rb") as nothing:
        channel = Channel(nothing, os.fdopen(writing, "wb"))
        for _ in range(100):
            channel.send("frame", picture="x" * 100_000)  # far more than a pipe holds
        assert channel.busy
        os.close(unread)  # ends the blocked write
        os.close(theirs)
        channel.close(30)


def test_the_flags_of_a_run_that_the_page_started_are_read_as_its_options() -> None:
    """So `--resume` continues it."""
    values = {
        "device": "browser", "headless": True, "sites": ("a.test", "b.test"), "max_steps": 3, "verify": False,
        "checks": ["url contains /x", "text contains y z"], "policy": Path("rules.toml"), "confirm": False,
    }  # fmt: skip
    given = read(words(values))
    assert given.pop("instruction") == ""
    assert given == {name: value for name, value in values.items() if name != "confirm"} | {"sites": given["sites"]}
    assert tuple(given["sites"]) == values["sites"]


def lines(folder: Path) -> list[str]:
    """The steps that are recorded in the only run."""
    (trajectory,) = folder.glob("runs/*/trajectory.jsonl")
    return trajectory.read_text().splitlines()
