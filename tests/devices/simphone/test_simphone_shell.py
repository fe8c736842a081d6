"""The phone's shell reads what one quotes, joins, pipes and redirects, and never runs anything of the computer's."""

import shlex
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.devices.simphone.driver import Phone

HOSTILE = (
    "$(id)", "`id`", "a'b\"c", "%s", "a\nb", "; reboot", "&& true", "|| x",
    "> /sdcard/x", "\\", "$HOME", "😀 é", "*", "{a,b}", "-n", "~", "!", "#",
)  # fmt: skip


@pytest.mark.parametrize(
    ("line", "output", "status"),
    [
        ("echo a  b", "a b", 0),
        ("echo 'a  b' \"c $HOME\" d\\ e", "a  b c / d e", 0),
        ("true && echo yes || echo no; false; echo $?", "yes\n1", 0),
        ("false || echo ran", "ran", 0),
        ("nope; echo $?", "127", 0),
        ("! true; echo $?", "1", 0),
        ("A=1; echo $A ${A}2; A=3 true", "1 12", 0),
        ("echo $(echo in; echo two) \"$(echo 'a  b')\" `echo x`", "in two a  b x", 0),
        ("printf '%s-%s\\n' a b | grep a | head -1", "a-b", 0),
        ("(echo a; echo b) | wc -l", "2", 0),
        ("{ echo a; echo b; } > /sdcard/f; cat /sdcard/f; rm /sdcard/f", "a\nb", 0),
        ("echo a > /sdcard/f; echo b >> /sdcard/f; cat < /storage/emulated/0/f | tail -n 1", "b", 0),
        ("nope 2>/dev/null; nope > /dev/null 2>&1; echo ok", "ok", 0),
        ("echo a # b", "a", 0),
        ("echo a#b", "a#b", 0),
        ("cd /sdcard && pwd && test -d DCIM && [ -d Music ] || echo none", "/sdcard\nnone", 0),
        ("ls -d /sdcard/D*", "/sdcard/DCIM\n/sdcard/Documents\n/sdcard/Download", 0),
        ("echo /nothing/*", "/nothing/*", 0),
        ("sh -c 'echo $0; exit 3'; echo $?", "/system/bin/sh\n3", 0),
        ("exit 7; echo never", "", 7),
        ("/system/bin/echo x", "x", 0),
        ("echo a &\necho b", "a\nb", 0),
        ("echo $'a\\tb\\x41'", "a\tbA", 0),
    ],
)
def test_lines_mean_what_they_mean_in_a_posix_shell(phone: Phone, line: str, output: str, status: int) -> None:
    done = phone.adb("shell", line)
    assert (done.stdout.decode().rstrip("\n"), done.returncode) == (output, status)


@pytest.mark.parametrize(
    "line", ["echo 'a", "echo $(a", "a | | b", "; a", "(echo", "for i in 1; do echo; done", "echo >"]
)
def test_what_it_cannot_read_is_a_syntax_error(phone: Phone, line: str) -> None:
    done = phone.adb("shell", line)
    assert done.returncode == 1 and done.stderr.startswith(b"/system/bin/sh: ")


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.sampled_from(HOSTILE) | st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=40))
def test_quoted_text_stays_as_it_is_whatever_it_is(phone: Phone, text: str) -> None:
    done = phone.adb("shell", f"printf '%s' {shlex.quote(text)}")
    assert done.stdout.decode() == text


def test_unquoted_text_is_run_by_the_phone_and_not_by_the_computer(phone: Phone, tmp_path: Path) -> None:
    target = tmp_path / "made"
    assert phone.shell(f"echo $(touch {target}) `touch {target}`; touch {target}; id").count("No such file") == 1
    assert "uid=2000(shell)" in phone.shell("id")
    assert not target.exists()


def test_input_errors_and_the_status_come_apart(phone: Phone) -> None:
    done = phone.adb("shell", "cat; nope; exit 5", given=b"from here\x00\xff\n")
    assert done.stdout == b"from here\x00\xff\n"
    assert done.stderr == b"/system/bin/sh: nope: inaccessible or not found\n"
    assert done.returncode == 5


def test_a_shell_without_a_command_reads_lines(phone: Phone) -> None:
    done = phone.adb("shell", given=b"A=4\necho $A\nexit 3\n")
    assert (done.stdout, done.returncode) == (b"4\n", 3)


def test_the_library_reads_status_codes_both_ways(phone: Phone) -> None:
    for version in (False, True):
        done = phone.library.shell2("echo out; false", v2=version)
        assert (done.returncode, done.output.strip()) == (1, "out")
