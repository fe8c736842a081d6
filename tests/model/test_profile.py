"""Sizes and token counts that every backend agrees with, and profiles that say what is wrong with them."""

import re
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import smart_resize

from actions.errors import UsageError
from actions.geometry import Size
from model import profile
from prompts import notations

BASE = profile.load("qwen2.5-vl-7b")
NATIVE, WIDE, TWO_MILLION, ONE_MILLION, SMALL = 12_845_056, 2560 * 1440, 2_007_040, 1_003_520, 602_112


@pytest.mark.parametrize(
    ("screen", "cap", "sent", "tokens"),
    [
        ((1080, 2400), NATIVE, (1092, 2408), 3354),
        ((1080, 2400), TWO_MILLION, (924, 2100), 2475),
        ((1080, 2400), ONE_MILLION, (672, 1484), 1272),
        ((1080, 2400), SMALL, (504, 1148), 738),
        ((1440, 3120), WIDE, (1288, 2800), 4600),
        ((720, 1280), NATIVE, (728, 1288), 1196),
        ((1280, 800), NATIVE, (1288, 812), 1334),
        ((1280, 800), ONE_MILLION, (1260, 784), 1260),
        ((1366, 768), NATIVE, (1372, 756), 1323),
        ((1440, 900), NATIVE, (1428, 896), 1632),
        ((1920, 1080), NATIVE, (1932, 1092), 2691),
        ((1920, 1080), TWO_MILLION, (1876, 1036), 2479),
        ((1920, 1080), ONE_MILLION, (1316, 728), 1222),
        ((2560, 1440), NATIVE, (2548, 1428), 4641),
        ((2880, 1800), WIDE, (2408, 1512), 4644),
        ((3840, 2160), NATIVE, (3836, 2156), 10549),
        ((5120, 2880), NATIVE, (4760, 2688), 16320),
    ],
)
def test_known_screens_are_sent_at_known_sizes(
    screen: tuple[int, int], cap: int, sent: tuple[int, int], tokens: int
) -> None:
    model = profile.adjusted(BASE, max_pixels=cap)
    size = model.image_size(Size(*screen))
    assert size == sent
    assert model.image_tokens(size) == tokens + 2


caps = st.sampled_from([NATIVE, WIDE, TWO_MILLION, ONE_MILLION, SMALL])
sides = st.integers(15, 6000)


@given(sides, sides, caps)
@example(29, 5615, NATIVE)
def test_the_size_is_the_librarys_own_and_resizing_again_changes_nothing(width: int, height: int, cap: int) -> None:
    if max(width, height) > 200 * min(width, height):
        return
    model = profile.adjusted(BASE, max_pixels=cap)
    theirs = smart_resize(height, width, factor=28, min_pixels=model.min_pixels, max_pixels=cap)
    if max(theirs) > 200 * min(theirs):  # they would not resize it again
        with pytest.raises(UsageError, match="200 times"):
            model.image_size(Size(width, height))
        return
    sent = model.image_size(Size(width, height))
    assert model.image_size(sent) == sent
    assert (sent.height, sent.width) == theirs
    assert sent.width % 28 == sent.height % 28 == 0
    assert model.min_pixels <= sent.width * sent.height <= cap


def test_a_picture_that_is_all_length_is_refused() -> None:
    with pytest.raises(UsageError, match="200 times"):
        BASE.image_size(Size(20_100, 100))


def test_points_are_pixels_of_the_sent_picture_thousandths_of_it_or_pixels_of_the_screen() -> None:
    sent, screen = Size(1288, 812), Size(1280, 800)
    assert BASE.frame_size(sent, screen) == sent
    assert profile.load("qwen2-vl-7b").frame_size(sent, screen) == (1000, 1000)
    assert profile.adjusted(BASE, frame="screen").frame_size(sent, screen) == screen


@pytest.mark.parametrize("name", profile.names())
def test_every_profile_that_ships_is_valid_and_says_what_was_tried(name: str) -> None:
    model = profile.load(name)
    assert model.name == name and len(model.tried) > 10


@pytest.mark.parametrize(
    ("name", "screen", "sent", "frame"),
    [
        ("qwen2.5-vl-7b-awq", (1280, 800), (1288, 812), (1288, 812)),
        ("qwen2-vl-2b", (1280, 800), (1288, 812), (1000, 1000)),
        ("qwen3-vl-8b", (1280, 800), (1280, 800), (1000, 1000)),
        ("qwen3-vl-8b", (1920, 1080), (1920, 1088), (1000, 1000)),
        ("ui-tars-1.5-7b", (1920, 1080), (1932, 1092), (1932, 1092)),
        ("ui-tars-1.5-7b", (200, 100), (420, 224), (420, 224)),
        ("gui-owl-7b", (1080, 2400), (924, 2100), (924, 2100)),
        ("holo1.5-7b", (2560, 1440), (2548, 1428), (2548, 1428)),
        ("fara-7b", (1440, 900), (1428, 896), (1428, 896)),
    ],
)
def test_each_family_has_its_own_sizes_and_frame(
    name: str, screen: tuple[int, int], sent: tuple[int, int], frame: tuple[int, int]
) -> None:
    model = profile.load(name)
    assert model.image_size(Size(*screen)) == sent
    assert model.frame_size(Size(*sent), Size(*screen)) == frame


def test_qwen3_s_size_is_the_librarys_own_for_its_patches() -> None:
    model = profile.load("qwen3-vl-8b")
    for width, height in ((1280, 800), (1366, 768), (1080, 2400), (3840, 2160), (90, 60)):
        theirs = smart_resize(height, width, factor=32, min_pixels=model.min_pixels, max_pixels=model.max_pixels)
        assert tuple(reversed(model.image_size(Size(width, height)))) == theirs


def test_every_documented_launch_line_serves_the_weights_of_its_profile() -> None:
    text = (profile.FOLDER.parent / "engines" / "server" / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([\w.\-]+)` \|.*`serve (\S+?)[ `]", text, re.MULTILINE)
    assert len(rows) > 10
    for name, weights in rows:
        assert profile.load(name).weights == weights


def test_a_profile_may_name_any_notation_that_there_is() -> None:
    for notation in notations.names():
        assert profile.adjusted(BASE, notation=notation).notation == notation


def test_only_the_model_in_the_box_says_that_its_weights_were_run() -> None:
    trials = profile.by_trial()
    assert sorted(name for names in trials.values() for name in names) == profile.names()
    assert [names for tried, names in trials.items() if tried.startswith("these weights")] == [["embedded"]]
    others = [tried for tried, names in trials.items() if names != ["embedded"]]
    assert all(tried.startswith("nothing") or "not these weights" in tried for tried in others)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("weights =", "not valid TOML"),
        ('weights = "x"', "tried: Field required"),
        ('weights = "x"\ntried = "no"\ncolour = 3', "colour: Extra inputs"),
        ('weights = "x"\ntried = "no"\nmin_pixels = 9\nmax_pixels = 3', "min_pixels 9 is more than max_pixels 3"),
        ('weights = "x"\ntried = "no"\ncontext = 8\nmax_new_tokens = 9', "leaves no room"),
        ('weights = "x"\ntried = "no"\nopens_thought = true', "opens_thought needs drops_thoughts"),
        ('weights = "x"\ntried = "no"\nthought_tokens = 40_000', "a reply of 40512 tokens leaves no room"),
        ('weights = "x"\ntried = "no"\npatch = 0', "patch: Input should be greater than 0"),
        ("\xff", "not valid TOML"),
        ("weights = " + "[" * 5000, "not valid TOML"),
    ],
)
def test_a_broken_profile_names_its_file_and_what_is_wrong(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "broken.toml"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(UsageError, match=r"broken\.toml") as caught:
        profile.load(str(path))
    assert message in str(caught.value)


def test_an_unknown_model_is_answered_with_those_there_are() -> None:
    with pytest.raises(UsageError, match=r"qwen2\.5-vl-7b"):
        profile.load("nonsense")


def test_the_readme_beside_the_profiles_documents_each_required_field_and_its_example_loads(tmp_path: Path) -> None:
    readme = (profile.FOLDER / "README.md").read_text(encoding="utf-8")
    required = {name for name, field in profile.Profile.model_fields.items() if field.is_required()} - {"name"}
    table = readme.split("Required:")[1].split("Everything else")[0]
    assert set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)) == required
    assert set(re.findall(r"^\| `(\w+)`", readme, re.MULTILINE)) <= set(profile.Profile.model_fields)
    example = re.search(r"```toml\n(.+?)```", readme, re.DOTALL)
    assert example
    (tmp_path / "mine.toml").write_text(example[1], encoding="utf-8")
    assert profile.load(str(tmp_path / "mine.toml")).weights == "/models/my-qwen2.5-vl"
    for field in required:
        lacking = "\n".join(line for line in example[1].splitlines() if not line.startswith(field))
        (tmp_path / "mine.toml").write_text(lacking, encoding="utf-8")
        with pytest.raises(UsageError, match=f"{field}: Field required"):
            profile.load(str(tmp_path / "mine.toml"))


def test_qwen2_vl_and_qwen2_5_vl_are_asked_in_the_report_s_notation() -> None:
    for name in profile.names():
        if name.startswith(("qwen2-vl", "qwen2.5-vl")):
            assert profile.load(name).notation == "function_args", name


def test_every_line_that_serves_a_model_names_the_weights_of_the_profile_before_it() -> None:
    text = (profile.FOLDER.parent / "engines" / "server" / "README.md").read_text(encoding="utf-8")
    rows = [row.split("|") for row in text.splitlines() if re.match(r"\| `[^`]+`.*`serve ", row)]
    assert len(rows) > 20, rows
    for row in rows:
        named, served = re.findall("`([^`]+)`", row[1]), re.findall("`serve ([^` ]+)", row[3])
        assert [profile.load(name).weights for name in named] == served


def test_a_record_of_an_earlier_version_has_the_fields_of_a_brief_layout_among_the_others() -> None:
    now = profile.load("embedded")
    assert now.brief
    before = now.model_dump(exclude={"brief"}) | {"prompt": "brief"} | now.brief.model_dump()
    assert profile.Profile.model_validate(before) == now
    full = profile.load("qwen2.5-vl-7b")
    earlier = {"prompt": "full", "knows": "", "picture": None, "page": None}
    assert profile.Profile.model_validate(full.model_dump(exclude={"brief"}) | earlier) == full
