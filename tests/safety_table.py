"""`python -m tests.safety_table [WORD...]`: measures the promises of docs/safety.md and writes its table.

It runs the tests of each promise, or of those whose words are given, slow ones and soaks included. What they measure
goes to tests/safety.json, and from there to the page. A test hands in its numbers through the fixture `measured`; the
number of cases of a parametrised test is counted. Nothing is written where a test fails or is skipped.
"""

import json
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "safety.md"
FIGURES = ROOT / "tests" / "safety.json"
BEGIN, END = "<!-- measured: python -m tests.safety_table -->\n", "<!-- end -->\n"
CASES = "cases"
KILLED = "tests/resumed.py"
"""A soak that keeps its own figures."""
PLUGIN = "measuring"
"""The name of the plugin that is there while the table is measured."""
BROWSER, DEVICES = "tests/devices/browser", "tests/devices"

Figures = Mapping[str, Mapping[str, int]]
"""By test, the numbers that it measured and its cases."""


class Promise(NamedTuple):
    """A row of the table. In its texts `{name.figure}` is a number of the test of that name."""

    promise: str
    tested: str
    result: str
    tests: Mapping[str, str]

    def row(self, figures: Figures) -> str:
        """Raises KeyError where a test was not measured, and AttributeError for a figure that it does not have."""
        named = {name: SimpleNamespace(**figures[test]) for name, test in self.tests.items()}
        files = ", ".join(dict.fromkeys(f"`{test.partition('::')[0]}`" for test in self.tests.values()))
        cells = (self.promise, f"{files}: {self.tested.format(**named)}", self.result.format(**named))
        return f"| {' | '.join(cells)} |\n"


PROMISES = (
    Promise(
        "No page of a site that is not open is asked for, in any way",
        "{left.ways} ways to leave a page, on real servers; the same {open.ways} ways succeed once the site is open",
        "{left.requests} requests",
        {
            "left": f"{BROWSER}/test_confined.py::test_no_way_of_a_page_leads_to_a_site_that_is_not_open",
            "open": f"{BROWSER}/test_confined.py::test_the_same_ways_lead_there_once_its_site_is_open",
        },
    ),
    Promise(
        "Nothing is sent to a host that a rule denies",
        "{sent.kinds} kinds of requests, and WebRTC; without the rule they arrive (WebRTC never does)",
        "{sent.connections} connections",
        {"sent": f"{BROWSER}/test_confined.py::test_what_a_rule_denies_gets_nothing_by_any_way"},
    ),
    Promise(
        "Hosts are the same in every spelling",
        "{hosts.cases} spellings and {others.cases} that are none; {read.hosts} of them compared with Chromium's own "
        "reading",
        "{read.different} are read differently",
        {
            "hosts": f"{DEVICES}/rules/test_hosts.py::test_a_host_has_one_spelling",
            "others": f"{DEVICES}/rules/test_hosts.py::test_what_a_browser_does_not_take_as_a_host_is_none",
            "read": f"{BROWSER}/test_confined.py::test_hosts_are_read_as_chromium_reads_them",
        },
    ),
    Promise(
        "A name that resolves to this machine is refused",
        "this machine's own name, opened where no site is named",
        "{near.connections} connections",
        {"near": f"{BROWSER}/test_confined.py::test_a_page_of_the_network_reaches_nothing_on_this_machine"},
    ),
    Promise(
        "Files stay in their folder",
        "{files.ways} ways out: a link, a frame, addresses, a symbolic link",
        "{files.opened} files open",
        {"files": f"{BROWSER}/test_confined.py::test_a_session_of_files_stays_in_its_folder"},
    ),
    Promise(
        "Pages load while Python computes",
        "{frames.frames} frames during a loop that never waits",
        "{frames.loaded} load",
        {"frames": f"{BROWSER}/test_confined.py::test_pages_go_on_while_python_computes"},
    ),
    Promise(
        "What a rule about words denies is not pressed in any way",
        "one page, pressed in {ways.ways} ways: gestures, keys, tabs, lists, dialogs, frames, shadow trees, addresses",
        "{ways.pressed} succeed",
        {"ways": f"{BROWSER}/test_denied.py::test_nothing_that_a_rule_denies_is_pressed_in_any_way"},
    ),
    Promise(
        "A secret is typed on its own host alone",
        "{places.places} places in a browser (another host, a look-alike, a subdomain, a redirect, frames, forms), and "
        "{moving.attempts} attempts on a page that moves the focus into another host's frame all the time; apps on "
        "SimPhone; windows on X11",
        "{places.typed} others get it, and {moving.typed} of the attempts",
        {
            "places": f"{BROWSER}/test_typing_secrets.py::test_the_places_where_a_secret_is_not_typed",
            "moving": f"{BROWSER}/test_typing_secrets.py::test_the_check_and_the_typing_are_one_moment",
            "phone": f"{DEVICES}/test_android_secrets.py::test_an_apps_secret_is_typed_there_masked_and_painted_over",
            "desktop": f"{DEVICES}/desktop/test_desktop_secrets.py::"
            "test_a_secret_is_typed_into_a_window_of_its_class_alone",
        },
    ),
    Promise(
        "No record and no line of the console holds the value of a secret",
        "{runs.cases} kinds of run in which pages, the model and the user show it in every way, Ctrl-C and a "
        "continued run, a suite and all that is made of its record, and a run on SimPhone; generated values in "
        "other forms",
        "{runs.found} times found, in any of ten forms",
        {
            "runs": "tests/tasks/test_canary.py::test_no_run_shows_the_value",
            "stopped": "tests/tasks/test_canary.py::test_neither_ctrl_c_and_a_resumption_nor_a_bug_shows_it",
            "suite": "tests/tasks/test_canary.py::test_a_suite_its_pages_and_what_is_made_of_its_record_show_nothing",
            "phone": "tests/tasks/test_canary.py::test_a_run_on_a_phone_shows_nothing",
            "forms": "tests/actions/test_secrets.py::test_no_form_of_a_value_is_left",
        },
    ),
    Promise(
        "No picture shows it",
        "a page with two secrets in turn, in {shown.kinds} kinds of element",
        "{shown.pixels} pixels of the two pictures differ",
        {
            "shown": f"{BROWSER}/test_typing_secrets.py::"
            "test_a_picture_is_the_same_whatever_the_secret_is_that_a_page_shows"
        },
    ),
    Promise(
        "A model's server does not learn it",
        "a server that keeps all of its requests",
        "{asked.found} of them hold it",
        {"asked": "tests/tasks/test_canary.py::test_a_models_server_learns_the_name_alone"},
    ),
    Promise(
        "A screen's instructions reach nothing that the user did not ask for",
        "suite `injection`: {held.attacks} attacks in a browser, on SimPhone and in windows, written before the rules "
        "were known to their author; an actor that obeys each, and one that does the user's task",
        "without rules and with known secrets {free.reached} of {free.attacks} goals are reached (one more needs a "
        "file outside the start folder, which no setting opens); by default {held.reached}, and {held.done} of "
        "{held.attacks} tasks are done",
        {
            "free": "tests/tasks/test_injection.py::test_without_a_policy_every_attack_reaches_its_goal[all]",
            "held": "tests/tasks/test_injection.py::"
            "test_with_the_default_policy_no_attack_reaches_its_goal_and_no_task_is_lost[all]",
        },
    ),
    Promise(
        "What the instruction speaks of is not asked about",
        "{asked.cases} acts that nobody asked for, {free.cases} that were or that are none",
        "as promised",
        {
            "asked": f"{DEVICES}/rules/test_cautious.py::test_an_act_that_nobody_asked_for_is_asked_about",
            "free": f"{DEVICES}/rules/test_cautious.py::"
            "test_what_is_asked_for_and_what_does_no_such_thing_is_not_asked_about",
        },
    ),
    Promise(
        "Another site in a page gets no file",
        "{files.cases} kinds of frame and form",
        "none",
        {"files": f"{BROWSER}/test_downloads.py::test_another_site_in_the_page_is_given_no_file"},
    ),
    Promise(
        "A yes is void once something else lies there",
        "{page.cases} changes of a page and {board.cases} of a screen under the yes; {elsewhere.cases} that change "
        "nothing there",
        "as promised",
        {
            "page": f"{BROWSER}/test_touching.py::test_a_yes_is_void_once_the_page_has_changed_there",
            "board": f"{DEVICES}/test_policed.py::test_a_yes_is_void_once_another_thing_lies_there",
            "elsewhere": f"{DEVICES}/test_policed.py::test_what_changes_elsewhere_vetoes_nothing",
        },
    ),
    Promise(
        "A person decides at the terminal",
        "{lines.cases} lines that are a yes, a no or neither, and a run on a real terminal with a page that changes "
        "under the yes",
        "as promised",
        {
            "lines": "tests/tasks/test_approving.py::test_only_a_whole_yes_is_one",
            "run": "tests/tasks/test_approving.py::test_a_person_decides_at_the_terminal",
        },
    ),
    Promise(
        "Only the apps that are named are used",
        "apps on SimPhone, windows on X11",
        "as promised",
        {
            "phone": f"{DEVICES}/test_android_rules.py::test_only_the_apps_that_are_named_are_used",
            "desktop": f"{DEVICES}/desktop/test_desktop_windows.py::"
            "test_an_action_is_denied_by_the_window_that_it_touches",
        },
    ),
    Promise(
        "A run that is killed and continues does no step twice",
        "(`python -m tests.resumed 100 1`) {kills.runs} runs of 40 clicks, killed by SIGKILL {kills.kills} times at "
        "random moments and continued; the page's server counts the clicks",
        "{kills.faults} runs with a step that was done twice, or lost without a word",
        {"kills": KILLED},
    ),
    Promise(
        "A stop ends input within 0.2 seconds and releases keys, buttons and fingers",
        "a file, during typing in a browser, a long press on SimPhone, drags on X11; {signals.cases} signals, and the "
        "mouse in {corners.cases} corners",
        "as promised; on a phone the finger is lifted by a command of its own",
        {
            "typing": f"{DEVICES}/test_stopping.py::test_a_file_stops_typing_within_200_ms",
            "finger": f"{DEVICES}/test_stopping.py::test_a_file_lifts_a_finger_from_the_phone",
            "held": f"{DEVICES}/test_stopping.py::test_a_file_releases_the_keys_and_buttons_of_a_desktop",
            "signals": f"{DEVICES}/desktop/test_desktop_stop.py::"
            "test_a_signal_in_the_middle_of_a_drag_releases_the_button",
            "corners": f"{DEVICES}/desktop/test_desktop_stop.py::"
            "test_the_mouse_in_a_corner_stops_a_sleeping_run_within_200_ms",
        },
    ),
    Promise(
        "A paused run does nothing, its clock stands still, and it can be stopped",
        "a pause with and without changes, and stops from {stop.cases} kinds of thread",
        "as promised",
        {
            "pause": f"{DEVICES}/test_supervised.py::"
            "test_a_paused_run_waits_after_its_step_and_tells_what_the_person_changed",
            "stop": f"{DEVICES}/test_supervised.py::test_a_file_stops_a_pause",
        },
    ),
    Promise(
        "Text on the screen cannot pose as your message",
        "{forged.cases} notations",
        "as promised",
        {
            "forged": "tests/agent/test_messages.py::"
            "test_a_message_is_marked_as_the_users_and_nothing_on_the_screen_can_be"
        },
    ),
    Promise(
        "The terminal is as it was before, however a run ends",
        "a real terminal, and signals in {signals.cases} situations, such as a pause and a message",
        "as promised",
        {"signals": "tests/agent/test_keys.py::test_the_terminal_is_as_before_after_a_signal"},
    ),
)


class Measuring:
    """A plugin of pytest that keeps what the tests measure."""

    def __init__(self) -> None:
        self.__name__ = PLUGIN
        self.figures: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        self.lacking: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if not report.passed:
            self.lacking.append(report.nodeid)
        if report.when == "call":
            figures = self.figures[kept_under(report.nodeid)]
            figures[CASES] += 1
            for name, value in report.user_properties:
                assert isinstance(value, int), f"{report.nodeid}: {name}"
                figures[name] += value


def committed() -> dict[str, dict[str, int]]:
    """The figures that were measured last."""
    read: dict[str, dict[str, int]] = json.loads(FIGURES.read_text(encoding="utf-8"))
    return read


def with_table(page: str, figures: Figures) -> str:
    """The page with the table of these figures between its marks."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    rows = "".join(promise.row(figures) for promise in PROMISES)
    return f"{before}{BEGIN}\n| promise | test | result |\n|---|---|---|\n{rows}\n{END}{after}"


def tests_of(promises: Iterable[Promise]) -> list[str]:
    """The tests of pytest."""
    tests = dict.fromkeys(test for promise in promises for test in promise.tests.values())
    return [test for test in tests if test != KILLED]


def kept_under(test: str) -> str:
    """The name under which a case's figures are kept: its own, if a promise names it, else its test's."""
    return test if test in tests_of(PROMISES) else test.partition("[")[0]


def main(words: list[str]) -> int:
    chosen = [promise for promise in PROMISES if all(word.lower() in promise.promise.lower() for word in words)]
    measuring = Measuring()
    code = pytest.main(["-q", "-m", "", "-p", "no:cacheprovider", *tests_of(chosen)], plugins=[measuring])
    if code or measuring.lacking:
        print(f"Nothing was written: {', '.join(measuring.lacking) or code} did not pass.")
        return 1
    return keep(measuring.figures)


def keep(figures: Figures) -> int:
    """Keeps new figures, and writes the page if all are there; returns 1 if some are not."""
    known = {**(committed() if FIGURES.exists() else {}), **figures}
    wanted = [*tests_of(PROMISES), KILLED]
    kept = {test: known[test] for test in wanted if test in known}
    FIGURES.write_text(json.dumps(kept, indent=2) + "\n", encoding="utf-8")
    if missing := [test for test in wanted if test not in kept]:
        print(f"The page was not written. Not measured yet: {', '.join(missing)}")
        return 1
    PAGE.write_text(with_table(PAGE.read_text(encoding="utf-8"), kept), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
