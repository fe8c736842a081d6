"""What a person does on a phone, at its picture in the page, becomes a task that passes without a model."""

import os
import re
import subprocess
import sys
import time
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

import run_agent
from devices.browser import launch
from devices.doubles.simphone import start
from tasks.scripted.reading import read_suite_file
from tests.devices.simphone.driver import Node, Phone
from tests.tasks.harness.test_resume import ROOT

PATIENCE_S = 120


def test_what_a_person_does_on_a_phone_becomes_a_task_that_passes(adb_server: None, tmp_path: Path) -> None:
    with start() as running, sync_playwright() as playwright:
        phone = Phone(int(os.environ["ANDROID_ADB_SERVER_PORT"]), running.address)
        phone.adb("connect", running.address)
        command = ["run_agent.py", "--record", str(tmp_path / "mine.toml"), "--device", "android"]
        recording = subprocess.Popen(
            [sys.executable, *command, "--address", running.address],
            cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        with recording:
            assert recording.stdout
            printed = ""
            while not (link := re.search(r"http://\S+", printed)):
                printed += recording.stdout.readline() or printed_in_vain(printed)
            program = launch.program(playwright.chromium.executable_path)
            browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
            page = browser.new_page(viewport={"width": 390, "height": 844}, color_scheme="dark")
            page.set_default_timeout(1000 * PATIENCE_S)
            page.goto(link[0])
            for name in ("Notes", "New note", "body"):
                touch(page, *shown(phone, name).middle)
            page.keyboard.type("Buy milk")
            shown(phone, "body", "Buy milk")
            page.get_by_role("button", name="Continue").click()
            assert recording.wait(60) == 0, recording.stdout.read()
            browser.close()
        (task,) = read_suite_file(tmp_path / "mine.toml").tasks
        assert [move.action for move in task.solution] == ["Tap", "Tap", "Tap", "Type"]
        assert "Buy milk" in task.instruction and task.device == "android"
        phone.adb("shell", "pm", "clear", "com.simphone.notes")
        words = ["--suite", str(tmp_path / "mine.toml"), "--engine", "scripted", "--runs", str(tmp_path / "runs")]
        assert run_agent.main(words) == 0


def touch(page: Page, x: float, y: float) -> None:
    """Clicks on a pixel of the phone's picture."""
    page.locator(".screen.yours img").click(trial=True)
    box = page.locator(".screen.yours img").bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] * x / 1080, box["y"] + box["height"] * y / 2400)


def shown(phone: Phone, wanted: str, text: str | None = None) -> Node:
    """The element once the phone shows it, with this text if one is given."""
    until = time.monotonic() + PATIENCE_S
    while True:
        try:
            found = phone.find(wanted)
            assert text in (None, found.text), found
            return found
        except AssertionError:
            if time.monotonic() > until:
                raise


def printed_in_vain(printed: str) -> str:
    raise AssertionError(f"it ended: {printed}")
