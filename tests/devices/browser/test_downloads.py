"""Files that pages give and take: kept whole or named as unfinished, and given only from the folder meant for it."""

import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from actions.action import Action, Permit
from actions.control import Answer, Finish, Wait
from actions.errors import ActionRefused
from actions.mouse import Click
from actions.web import ChooseFile, Goto
from agent.episode import Ending, Step, Turn
from agent.loop import Limits, run_episode
from devices import Observation
from devices.browser.device import Browser
from tests.devices.browser.at import AT, BUTTON, Open, Reply, Site, text_once, title


def offered(name: str, content: bytes = b"hello", **more: object) -> Reply:
    given = ("Content-Disposition", f'attachment; filename="{name}"')
    return Reply(content, kind="application/octet-stream", headers=(given,))._replace(**more)  # type: ignore[arg-type]


def pressing(site: Site, reply: Reply) -> str:
    site.add("/file", reply)
    return site.add("/", f"<title>shop</title><a href=/file {BUTTON}>Download</a>")


def test_a_download_under_way_is_waited_for_at_the_end(opened: Open, site: Site, tmp_path: Path) -> None:
    browser = opened(pressing(site, offered("slow.bin", b"0123456789", drip_s=0.2)), downloads=tmp_path / "kept")
    browser.perform(Click(point=AT))
    assert "The download of 'slow.bin' has begun." in text_once(browser, "begun")
    outcome = browser.perform(Finish(status="success", text="done"))
    assert outcome.text == "done"
    assert (tmp_path / "kept" / "slow.bin").read_bytes() == b"0123456789"


def test_a_download_that_takes_too_long_is_named(opened: Open, site: Site, tmp_path: Path) -> None:
    endless = offered("big.bin", b"x" * 600, drip_s=0.5)
    browser = opened(pressing(site, endless), downloads=tmp_path, downloads_s=0.5)
    browser.perform(Click(point=AT))
    text_once(browser, "begun")
    assert browser.perform(Answer(text="4")).text == "4 Not downloaded completely: 'big.bin'."


class Repeating:
    """A policy that does the same thing over and over."""

    def __init__(self, action: Action) -> None:
        self._action = action

    def act(self, instruction: str, steps: Sequence[Step], observation: Observation) -> Turn:
        return Turn("", "", self._action)


@pytest.mark.parametrize(
    ("action", "limits", "ending"),
    [
        (Wait(seconds=60), Limits(seconds=4), Ending.TIME_LIMIT),
        pytest.param(Finish(status="success"), Limits(seconds=4), Ending.TIME_LIMIT, marks=pytest.mark.slow),
        (Wait(seconds=0.5), Limits(steps=3), Ending.STEP_LIMIT),
    ],
    ids=["time limit", "time limit at the end", "step limit"],
)
def test_a_download_that_a_limit_cuts_off_is_named(
    opened: Open, site: Site, tmp_path: Path, action: Action, limits: Limits, ending: Ending
) -> None:
    browser = opened(pressing(site, offered("big.bin", b"x" * 600, drip_s=0.5)), downloads=tmp_path)
    browser.perform(Click(point=AT))
    text_once(browser, "begun")
    episode = run_episode(browser, Repeating(action), "download it", limits, lambda step: None)
    assert episode.ending is ending and episode.answer.endswith("Not downloaded completely: 'big.bin'.")


@pytest.mark.parametrize(
    "name",
    [
        "a" * 500 + ".tar.gz",
        "中" * 200 + ".pdf",
        "../../evil.sh",
        *(pytest.param(name, marks=pytest.mark.slow) for name in ("x" * 300, "a\tb.txt", ".hidden", "n." + "s" * 300)),
    ],
)
def test_any_name_is_kept_in_the_folder_within_what_a_file_system_takes(
    opened: Open, site: Site, tmp_path: Path, name: str
) -> None:
    page = f"<title>shop</title><a href='data:text/plain,hello' download='{name}' {BUTTON}>Download</a>"
    browser = opened(site.add("/", page), downloads=tmp_path / "kept")
    for expected in (1, 2):
        browser.perform(Click(point=AT))
        text_once(browser, "was downloaded")
        files = list((tmp_path / "kept").iterdir())
        assert len(files) == expected and all(file.read_text() == "hello" for file in files)
        assert all(len(file.name.encode()) <= 255 for file in files)
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]


def test_a_download_that_breaks_off_is_told(opened: Open, site: Site, tmp_path: Path) -> None:
    short = offered("short.bin", b"abc", headers=(("Content-Disposition", "attachment"), ("Content-Length", "1000")))
    browser = opened(pressing(site, short._replace(length=False)), downloads=tmp_path)
    browser.perform(Click(point=AT))
    text = text_once(browser, "did not complete: the server or the page broke it off.")
    assert "save_as" not in text


def test_downloads_without_end_are_refused_and_counted(opened: Open, site: Site, tmp_path: Path) -> None:
    code = "for (let i = 0; i < 70; i++) setTimeout(() => document.querySelector('a').click(), i)"
    site.add("/file", offered("x.bin"))
    page = f'<a href=/file download></a><button {BUTTON} onclick="{code}">All</button>'
    browser = opened(site.add("/", page), downloads=tmp_path)
    browser.perform(Click(point=AT))
    for _ in range(20):
        text = browser.observe().text
        assert len(text) < 1500
    assert len(list(tmp_path.iterdir())) <= 50


def test_an_address_that_is_a_download_leaves_the_page(opened: Open, site: Site, tmp_path: Path) -> None:
    browser = opened(pressing(site, offered("x.bin")), downloads=tmp_path)
    assert "is a download" in browser.perform(Goto(url="/file")).text
    text_once(browser, "was downloaded")
    assert title(browser) == "shop"


def uploading(opened: Open, site: Site, folder: Path | None) -> Browser:
    page = (
        f"<input type=file id=f style='display:none'><button {BUTTON} onclick='f.click()'>Upload</button>"
        "<script>f.onchange = async () => document.title = f.files[0].name + ': ' + await f.files[0].text()</script>"
    )
    return opened(site.add("/", page), uploads=folder)


def test_a_page_is_given_a_file_of_the_folder_by_its_name(opened: Open, site: Site, tmp_path: Path) -> None:
    (tmp_path / "given").mkdir()
    (tmp_path / "given" / "cv.txt").write_text("Ada")
    (tmp_path / "secret.txt").write_text("secret")
    (tmp_path / "given" / "link.txt").symlink_to(tmp_path / "secret.txt")
    browser = uploading(opened, site, tmp_path / "given")
    with pytest.raises(ActionRefused, match="asks for no file"):
        browser.perform(ChooseFile(file="cv.txt"))
    browser.perform(Click(point=AT))
    assert "Use ChooseFile with one of: 'cv.txt'." in text_once(browser, "asks for a file")
    for name in ("../secret.txt", "link.txt", str(tmp_path / "secret.txt"), "none"):
        with pytest.raises(ActionRefused, match="There is no file"):
            browser.perform(ChooseFile(file=name))
    assert "'cv.txt'" in browser.perform(ChooseFile(file="cv.txt")).text
    browser.ask(lambda page: page.wait_for_function("document.title === 'cv.txt: Ada'"))


@pytest.mark.parametrize(
    "holder", ["<iframe src='{other}/' style='width:600px;height:400px'>", "<form action='{other}/x'>{field}"]
)
def test_another_site_in_the_page_is_given_no_file(opened: Open, site: Site, tmp_path: Path, holder: str) -> None:
    (tmp_path / "cv.txt").write_text("Ada")
    other, field = site.address.replace("127.0.0.1", "localhost"), f"<input type=file {BUTTON}>"
    site.add("/", field)
    browser = opened(site.add("/page", holder.format(other=other, field=field)), uploads=tmp_path)
    browser.ask(lambda page: page.wait_for_load_state("load"))
    deadline = time.monotonic() + 20
    while "asks for a file" not in browser.observe().text:  # a frame with its own process takes input a moment later
        assert time.monotonic() < deadline
        browser.perform(Click(point=AT))
    denied = browser.perform(ChooseFile(file="cv.txt"))
    assert f"The file would go to '{other}" in denied.text and denied.permit is Permit.DENIED


def test_without_a_folder_no_file_is_given_and_the_action_is_not_offered(opened: Open, site: Site) -> None:
    browser = uploading(opened, site, None)
    browser.perform(Click(point=AT))
    assert "No file can be given here." in text_once(browser, "asks for a file")
    assert ChooseFile not in browser.action_space
