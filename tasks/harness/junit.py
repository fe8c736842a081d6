"""`junit`: a suite's results as the XML that test servers read: one test case per task and trial.

The elements follow the Jenkins xunit plugin's schema (junit-10.xsd): a score below 1 is a failure, and so is
harm; a failure of anything but the actor is an error. Attempts that were repeated are `flakyFailure` and `flakyError`
where a later one passed, else `rerunFailure` and `rerunError`.
"""

import re
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

from actions.errors import RecordFailure
from agent.record import write_whole
from tasks.harness.results import Result

NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""XML 1.0 cannot hold these characters, in any encoding."""


def write_junit(path: Path, suite: str, results: Sequence[Result], run: Path) -> None:
    """Writes the document, its folder too. Raises RecordFailure if it cannot be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, junit(suite, results, run), opener=None)  # for a test server, which may be another user
    except OSError as error:
        raise RecordFailure(f"{path} cannot be written: {error.strerror}. Pass another file with --junit.") from error


def junit(suite: str, results: Sequence[Result], run: Path) -> bytes:
    """The document, as UTF-8, in the order of the results; each case names its record below the run's folder."""
    root = ElementTree.Element(
        "testsuite",
        name=suite,
        tests=str(len(results)),
        failures=str(sum(result.value is not None and not result.passed for result in results)),
        errors=str(sum(result.value is None for result in results)),
        time=f"{sum(result.seconds for result in results):.3f}",
    )
    for result in results:
        case = ElementTree.SubElement(
            root,
            "testcase",
            classname=f"{suite}.{result.kind}",
            name=result.job.place.as_posix(),
            time=f"{result.seconds:.3f}",
        )
        if not result.passed:
            _add_fault(case, ("error", "failure"), result)
        for attempt in result.earlier:
            names = ("flakyError", "flakyFailure") if result.passed else ("rerunError", "rerunFailure")
            ElementTree.SubElement(_add_fault(case, names, attempt), "system-out").text = _record(attempt, run)
        ElementTree.SubElement(case, "system-out").text = _record(result, run)
    ElementTree.indent(root)
    document: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return document


def _add_fault(case: ElementTree.Element, names: tuple[str, str], result: Result) -> ElementTree.Element:
    """Adds what is wrong with a result, named as an error or as a failure."""
    error = result.value is None
    said = result.why if error else f"score {result.value:g}: {result.why}"
    return ElementTree.SubElement(case, names[not error], type=result.ending.value, message=_clean(said))


def _record(result: Result, run: Path) -> str:
    return _clean(f"Record: {run / result.place}; report: {run / result.place / 'report.html'}")


def _clean(text: str) -> str:
    return NOT_IN_XML.sub("\N{REPLACEMENT CHARACTER}", text)
