"""Points cross between frame and screen exactly enough, whatever the sizes."""

from hypothesis import given
from hypothesis import strategies as st

from actions.geometry import Box, Point, Size, Viewport
from model import profile

sizes = st.builds(Size, st.integers(1, 8000), st.integers(1, 8000))
screens = st.builds(Size, st.integers(200, 5200), st.integers(200, 5200))
profiles = st.sampled_from([profile.load(name) for name in profile.names()])


@given(sizes, sizes, st.data())
def test_a_frame_point_lands_on_the_screen(frame: Size, screen: Size, data: st.DataObject) -> None:
    point = Point(data.draw(st.floats(0, frame.width)), data.draw(st.floats(0, frame.height)))
    there = Viewport(frame, screen).to_screen(point)
    assert 0 <= there.x < screen.width and 0 <= there.y < screen.height
    assert there.x == int(there.x) and there.y == int(there.y)


@given(screens, profiles, st.data())
def test_a_screen_point_comes_back_within_one_pixel_of_the_coarser_space(
    screen: Size, model: profile.Profile, data: st.DataObject
) -> None:
    frame = model.frame_size(model.image_size(screen), screen)
    viewport = Viewport(frame, screen)
    point = Point(data.draw(st.integers(0, screen.width - 1)), data.draw(st.integers(0, screen.height - 1)))
    back = viewport.to_screen(viewport.to_frame(point))
    assert abs(back.x - point.x) <= max(1, screen.width / frame.width)
    assert abs(back.y - point.y) <= max(1, screen.height / frame.height)


@given(screens, st.sampled_from([1.0, 1.25, 1.5, 2.0, 3.0]), profiles, st.data())
def test_the_device_scale_plays_no_part_in_where_a_point_lands(
    screen: Size, scale: float, model: profile.Profile, data: st.DataObject
) -> None:
    captured = Size(round(screen.width * scale), round(screen.height * scale))
    frame = model.frame_size(model.image_size(captured), screen)
    x, y = data.draw(st.integers(0, screen.width - 1)), data.draw(st.integers(0, screen.height - 1))
    shown = Point(x * frame.width / screen.width, y * frame.height / screen.height)
    landed = Viewport(frame, screen).to_screen(shown)
    assert abs(landed.x - x) <= 1 and abs(landed.y - y) <= 1


def test_each_axis_has_its_own_factor() -> None:
    viewport = Viewport(frame=Size(1288, 812), screen=Size(1280, 800))
    assert viewport.to_screen(Point(644, 406)) == Point(640, 400)
    assert viewport.to_screen(Point(1288, 812)) == Point(1279, 799)


def test_the_far_edge_is_shown_and_beyond_it_nothing_is() -> None:
    viewport = Viewport(frame=Size(100, 50), screen=Size(10, 5))
    assert viewport.shows(Point(100, 50))
    assert not viewport.shows(Point(100.1, 50))
    assert not viewport.shows(Point(-0.1, 0))
    assert not viewport.shows(Point(float("nan"), 0))


def test_a_box_holds_its_edges() -> None:
    box = Box(1, 2, 3, 4)
    assert box.holds(Point(1, 2)) and box.holds(Point(3, 4))
    assert not box.holds(Point(3.01, 4))
    assert box.centre == Point(2, 3)
