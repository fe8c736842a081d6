"""`text_on`: the text on a device's screen, as far as the device reports it."""

from devices import Environment


def text_on(environment: Environment) -> str:
    """The text of a browser's page, or of a phone's elements, one per line; empty on a device that reports none.

    While a page's dialog is open, its text is that of the dialog.

    Raises:
        DeviceFailure: the device does not answer.
    """
    kind = type(environment).__name__
    if kind == "Android":
        from tasks.worlds.phones import texts

        return "\n".join(texts(environment))
    if kind in ("Browser", "OpenPage"):
        from devices.browser.device import Browser
        from tasks.worlds.pages import evaluate

        if isinstance(environment, Browser) and (message := environment.dialog_message()) is not None:
            return message
        return str(evaluate(environment, "document.body ? document.body.innerText : ''"))
    return ""


def lines_on(environment: Environment) -> list[str]:
    """Its lines, with single spaces, without empty ones."""
    return [line for each in text_on(environment).splitlines() if (line := " ".join(each.split()))]
