"""Whatever is printed, and wherever to: a run goes on, and no text from outside reaches the terminal as a command."""

import json
import os
import pty
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from agent.terminal import cut, visible

ROOT = Path(__file__).parent.parent.parent
HOSTILE = (
    "\u00e9 \u2192 \U0001f600 \x1b]0;owned\x07 \x1b[31mred \x9b2J \u202eevil\u2069 \r\x00 [red]x[/red] [/wrong] :bomb:"
)
SHOWN = "]0;owned\\x07 \\x1b[31mred \\x9b2J \\u202eevil\\u2069 \\x0d\\x00 [red]x[/red] [/wrong] :bomb:"
BIDI = ("LRE", "RLE", "PDF", "LRO", "RLO", "LRI", "RLI", "FSI", "PDI")


@pytest.fixture
def words(tmp_path: Path) -> list[str]:
    """A run on a still picture whose model answers with hostile text at its second step."""
    Image.new("RGB", (64, 64), "white").save(tmp_path / "picture.png")
    wait = '*FUNCTION*: Wait\n*ARGS*: {"seconds": 0.1}'
    answer = f"Thinking {HOSTILE}\n*FUNCTION*: Answer\n*ARGS*: {json.dumps({'text': HOSTILE})}"
    (tmp_path / "replies").write_text(f"{wait}\n---\n{answer}", encoding="utf-8", errors="backslashreplace")
    return run_words(tmp_path)


def run_words(tmp_path: Path) -> list[str]:
    flags = ["--device", "still", "--address", str(tmp_path / "picture.png"), "--model", "qwen2.5-vl-7b"]
    flags += ["--engine", "scripted", "--replies", str(tmp_path / "replies"), "--notation", "function_args"]
    return [sys.executable, str(ROOT / "run_agent.py"), "x", *flags, "--runs", str(tmp_path / "runs")]


def result_of(tmp_path: Path) -> dict[str, str]:
    (found,) = tmp_path.glob("runs/*/result.json")
    read: dict[str, str] = json.loads(found.read_bytes())
    return read


@pytest.mark.parametrize(
    "environ",
    [
        {"PYTHONIOENCODING": "cp1252"},
        {"PYTHONIOENCODING": "ascii"},
        {"PYTHONIOENCODING": "utf-16"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        *(
            pytest.param(environ, marks=pytest.mark.slow)
            for environ in (
                {"PYTHONIOENCODING": "latin-1"},
                {"PYTHONIOENCODING": "utf-8"},
                {"LC_ALL": "C", "PYTHONUTF8": "0"},
                {"LC_ALL": "POSIX", "PYTHONCOERCECLOCALE": "0"},
            )
        ),
    ],
    ids=lambda environ: " ".join(f"{name}={value}" for name, value in environ.items()),
)
def test_a_console_of_any_encoding_shows_a_run_to_its_end(
    tmp_path: Path, words: list[str], environ: dict[str, str]
) -> None:
    done = subprocess.run(words, capture_output=True, env=os.environ | environ | {"COLUMNS": "300"}, timeout=120)
    encoding = environ.get("PYTHONIOENCODING", "utf-8")
    printed = done.stdout.decode(encoding, "replace")
    assert done.returncode == 0 and b"Traceback" not in done.stderr, done.stderr.decode()
    assert "answered after 2 steps" in printed and SHOWN in printed, printed
    assert not set(printed) & set("\x00\x07\x1b\x9b\r\u202e"), "nothing that a terminal obeys"
    assert result_of(tmp_path)["ending"] == "answered"


def test_a_reader_that_goes_away_does_not_end_a_run(tmp_path: Path, words: list[str]) -> None:
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as run:
        assert run.stdout is not None and run.stderr is not None
        run.stdout.close()
        errors = run.stderr.read()
        assert run.wait(timeout=120) == 0, errors
    assert errors == b"" and result_of(tmp_path)["ending"] == "answered"


@pytest.mark.parametrize(
    "closed", [pytest.param(">&-", marks=pytest.mark.slow), "2>&-", ">&- 2>&- <&-", "> /dev/full 2>&1"]
)
def test_no_output_at_all_does_not_end_a_run(tmp_path: Path, words: list[str], closed: str) -> None:
    done = subprocess.run(
        ["sh", "-c", f'exec "$@" {closed}', "sh", *words], capture_output=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    assert result_of(tmp_path)["ending"] == "answered"


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_a_terminal_that_is_closed_does_not_end_a_run(tmp_path: Path, words: list[str], encoding: str) -> None:
    """The spinner and its colours are there too: it is a real terminal, whose window is then closed."""
    ours, theirs = pty.openpty()
    environ = os.environ | {"PYTHONIOENCODING": encoding, "TERM": "xterm-256color"}
    quiet = subprocess.DEVNULL
    with subprocess.Popen(words, stdin=quiet, stdout=theirs, stderr=theirs, env=environ, start_new_session=True) as run:
        os.close(theirs)
        assert os.read(ours, 1), "it has begun to print"
        os.close(ours)
        assert run.wait(timeout=120) == 0
    assert result_of(tmp_path)["ending"] == "answered"


def test_a_long_answer_is_cut_on_the_screen_and_whole_in_the_record(tmp_path: Path) -> None:
    Image.new("RGB", (64, 64), "white").save(tmp_path / "picture.png")
    answer = "0123456789abcde\n" * (20 * 1024 * 1024 // 16)
    reply = f"*FUNCTION*: Answer\n*ARGS*: {json.dumps({'text': answer})}"
    (tmp_path / "replies").write_text(reply, encoding="utf-8")
    done = subprocess.run(run_words(tmp_path), capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert len(done.stdout) < 10_000 and "result.json" in done.stdout, done.stdout[-1000:]
    assert result_of(tmp_path)["answer"].strip() == answer.strip()


def test_an_instruction_that_is_no_text_is_refused_and_named(tmp_path: Path, words: list[str]) -> None:
    done = subprocess.run([*words, "--runs", b"caf\xe9"], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2 and r"'caf\udce9' is not UTF-8 text" in done.stderr, done.stderr


def test_an_error_message_shows_a_hostile_name_as_text(tmp_path: Path) -> None:
    for flags in (["x", "--model", "no\x1b[2Jsuch"], ["x", "--device", "no\x1b[2Jsuch"], ["--replay", "no\x1b[2Jsuch"]):
        done = subprocess.run(
            [sys.executable, str(ROOT / "run_agent.py"), *flags], capture_output=True, text=True, timeout=60
        )
        assert done.returncode == 2 and "\\x1b[2J" in done.stderr and "\x1b" not in done.stderr, done.stderr


@given(st.text())
def test_visible_text_has_nothing_that_a_terminal_obeys(text: str) -> None:
    shown = visible(text)
    assert not any(unicodedata.category(each) in ("Cc", "Cs", "Zl", "Zp") and each not in "\n\t" for each in shown)
    assert not any(unicodedata.bidirectional(each) in BIDI for each in shown)
    shown.encode()
    assert visible(shown) == shown


def test_what_is_cut_says_how_much_there_is() -> None:
    assert cut("short", 5) == "short"
    assert cut("x" * 2000, 3) == "xxx... (2,000 characters)"
