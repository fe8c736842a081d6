"""Rules on a desktop: the window under the pointer or with the focus, by its class."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from Xlib import X

from actions.geometry import Point
from actions.keyboard import Press, Type
from actions.mouse import Click, Drag, MoveTo, Scroll
from devices.desktop.device import Desktop
from devices.desktop.monitors import Place
from devices.desktop.x11 import another_connection
from devices.desktop.x11_windows import focused_window, window_at
from devices.rules.judges import only_apps
from devices.rules.policy import Policy
from devices.wrappers.policed import Policed
from tasks.worlds.virtual_screen import Screen


@contextmanager
def windows(display: str) -> Iterator[Callable[[], None]]:
    """Two programs' windows: a wallet at (100, 100) with a menu that has no class, and an editor beside it.

    Yields what gives the editor the focus, which the window manager may take for itself.
    """
    wallet, editor = another_connection(display), another_connection(display)
    try:
        for program, x, kind, title in ((wallet, 100, "Wallet", "Send money"), (editor, 500, "Editor", "Notes")):
            window = program.screen().root.create_window(x, 100, 300, 200, 0, X.CopyFromParent, override_redirect=True)
            window.set_wm_class(kind.lower(), kind)
            window.change_property(
                program.intern_atom("_NET_WM_NAME"), program.intern_atom("UTF8_STRING"), 8, title.encode()
            )
            window.map()
            program.sync()
            inner = window.create_window(20, 20, 100, 100, 0, X.CopyFromParent)
            inner.map()
            window.set_input_focus(X.RevertToParent, X.CurrentTime)
            program.sync()
        menu = wallet.screen().root.create_window(120, 320, 100, 150, 0, X.CopyFromParent, override_redirect=True)
        menu.map()
        wallet.sync()

        def focus() -> None:
            window.set_input_focus(X.RevertToParent, X.CurrentTime)
            editor.sync()

        yield focus
    finally:
        wallet.close()
        editor.close()


def test_a_window_is_known_by_its_class_and_title_and_a_menu_by_its_program(screen: Screen) -> None:
    with windows(screen.display) as focus:
        focus()
        found = [window_at(screen.display, Place(*at))[:2] for at in ((130, 130), (380, 280), (150, 400), (600, 200))]
        assert found == [("Wallet", "Send money"), ("Wallet", "Send money"), ("Wallet", ""), ("Editor", "Notes")]
        assert focused_window(screen.display)[:2] == ("Editor", "Notes")


def test_an_action_is_denied_by_the_window_that_it_touches(desktop: Desktop, screen: Screen) -> None:
    wallet, editor = Point(150, 250), Point(600, 250)
    rule = {"decision": "deny", "apps": ["wallet"], "why": "Nobody touches the wallet."}
    with windows(screen.display) as focus:
        environment = Policed(
            desktop, desktop, [Policy.model_validate({"rule": [rule]}).judge], None, lambda action: False
        )
        for action in (Click(point=wallet), Drag(start=editor, end=wallet), Drag(start=wallet, end=editor)):
            denied = environment.perform(action)
            assert not denied.performed and "Nobody touches the wallet. (rule 1)" in denied.text
        for other in (
            Click(point=editor),
            Press(keys="a"),
            Type(text="a"),
            MoveTo(point=editor),
            Scroll(direction="up"),
        ):
            assert environment.perform(other).performed
        desktop.perform(MoveTo(point=wallet))
        assert (
            not environment.perform(Scroll(direction="up")).performed
            and not environment.perform(Drag(end=editor)).performed
        )
        only = Policed(desktop, desktop, [only_apps(["Editor"])], None, lambda action: False)
        focus()
        assert only.perform(Press(keys="a")).performed
        assert not only.perform(Click(point=Point(150, 400))).performed, "the wallet's menu"
