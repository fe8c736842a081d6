"""Secrets on an X11 desktop: typed into a window of their class alone."""

from pathlib import Path

import pytest

from actions.errors import ActionRefused
from actions.keyboard import Press, Type
from actions.secrets import Secret, Secrets
from devices import Environment
from devices.wrappers.secrets import WithSecrets
from tasks.worlds.virtual_screen import Screen, until

VALUE = "canary-7F3a9 é€"


def test_a_secret_is_typed_into_a_window_of_its_class_alone(screen: Screen, desktop: Environment) -> None:
    secrets = (
        Secret("PW", VALUE, "XTerm"),
        Secret("OTHER", "other-value", "Mousepad"),
        Secret("HIDDEN", "hidden-value", "XTerm", into_password=True),
    )
    environment = WithSecrets(desktop, Secrets(secrets))
    assert "is not painted over" in environment.remarks[-1]
    path = screen.home / "read.txt"
    with screen.showing("reader", "xterm", "-u8", "-T", "reader", "-e", f"cat > {path}; touch {path}.done"):
        with pytest.raises(ActionRefused, match="is for Mousepad, and the focus is in xterm"):
            environment.perform(Type(text="{{OTHER}}"))
        with pytest.raises(ActionRefused, match="not known which fields are for passwords"):
            environment.perform(Type(text="{{HIDDEN}}"))
        said = environment.perform(Type(text="It is {{PW}}\n")).text
        environment.perform(Press(keys=("ctrl", "d")))
        until(lambda: Path(f"{path}.done").exists())
    assert path.read_text() == f"It is {VALUE}\n"
    assert "{{PW}} was typed." in said and VALUE not in said
    Path(f"{path}.done").unlink()
