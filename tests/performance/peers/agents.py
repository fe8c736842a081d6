"""The agents that are compared: how each is installed and started, and how a model answers it."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from actions.geometry import Point
from tests.performance.peers.model_server import Reply

HERE = Path(__file__).parent
FOLDER = Path("build/peers").absolute()
BROWSER_USE, MIDSCENE, PUPPETEER = "0.13.14", "1.13.1", "24"
TASK = "Press the button again and again."


class Agent(NamedTuple):
    """One of them."""

    name: str
    command: Callable[[str, str, int, Path], list[str]]
    """The program, of the page's address, Chromium's path, the number of steps, and a folder for its files."""
    reply: Reply
    environment: Callable[[str], dict[str, str]] = lambda address: {}
    """Its variables, of the page's address."""
    server: str | None = None
    """The server that it is to find, if it asks."""


def ours(address: str, chromium: str, steps: int, folder: Path) -> list[str]:
    options = ["--server", f"{address}/v1", "--model", "qwen2.5-vl-7b", "--headless", "--runs", str(folder)]
    return [sys.executable, "run_agent.py", "--address", address, *options, "--max-steps", str(steps), TASK]


def our_reply(at: Point, prompt: str) -> str:
    return f'*FUNCTION*: Click\n*ARGS*: {{"point": [{at.x:.0f}, {at.y:.0f}]}}\n'


def browser_use(address: str, chromium: str, steps: int, folder: Path) -> list[str]:
    return [str(FOLDER / "browser-use/bin/python"), str(HERE / "with_browser_use.py"), address, chromium, str(steps)]


def browser_use_reply(at: Point, prompt: str) -> str:
    button = re.findall(r"\[(\d+)\]<button", prompt)[-1]
    said = {"evaluation_previous_goal": "Success", "memory": "Pressed.", "next_goal": "Press the button."}
    return json.dumps({**said, "action": [{"click": {"index": int(button)}}]})


def midscene(address: str, chromium: str, steps: int, folder: Path) -> list[str]:
    return ["node", str(FOLDER / "midscene/press.mjs"), address, chromium, str(steps)]


def midscene_reply(at: Point, prompt: str) -> str:
    box = [round(at.x) - 40, round(at.y) - 15, round(at.x) + 40, round(at.y) + 15]
    located = json.dumps({"locate": {"prompt": "the button", "bbox": box}})
    return (
        "<planning>Press the button.</planning><log>Press the button</log>"
        f"<action-type>Tap</action-type><action-param-json>{located}</action-param-json>"
    )


AGENTS = (
    Agent("ours", ours, our_reply, server=""),
    Agent("ours at vLLM", ours, our_reply, server="vllm"),
    Agent("browser-use", browser_use, browser_use_reply, lambda address: {"ANONYMIZED_TELEMETRY": "false"}),
    Agent(
        "Midscene",
        midscene,
        midscene_reply,
        lambda address: {
            "MIDSCENE_MODEL_BASE_URL": f"{address}/v1",
            "MIDSCENE_MODEL_API_KEY": "none",
            "MIDSCENE_MODEL_NAME": "model",
            "MIDSCENE_MODEL_FAMILY": "qwen2.5-vl",
            "MIDSCENE_RUN_DIR": str(FOLDER / "midscene/run"),
        },
    ),
)


def install() -> None:
    """Makes the peers' environments. Raises CalledProcessError where that fails."""
    own = FOLDER / "browser-use"
    subprocess.run([sys.executable, "-m", "venv", str(own)], check=True)
    subprocess.run([str(own / "bin/pip"), "install", "-q", f"browser-use=={BROWSER_USE}"], check=True)
    node = FOLDER / "midscene"
    node.mkdir(parents=True, exist_ok=True)
    (node / "package.json").write_text('{"private": true}')
    packages = [f"@midscene/web@{MIDSCENE}", f"puppeteer-core@{PUPPETEER}"]
    subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", *packages], cwd=node, check=True)
    (node / "press.mjs").write_text((HERE / "midscene.mjs").read_text())
