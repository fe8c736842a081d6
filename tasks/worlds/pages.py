"""Evaluates expressions in the page of a browser environment, for tasks that set up and score its state."""

from typing import Any

from playwright.async_api import Error

from actions.errors import DeviceFailure, UsageError
from devices import Environment
from devices.browser.device import Browser

GONE = "context was destroyed"
"""Part of the error if the page navigates during an evaluation, which can then be repeated."""
ATTEMPTS = 3


def evaluate(environment: Environment, expression: str) -> Any:
    """The value of a JavaScript expression in the browser's current page.

    Raises:
        UsageError: the environment is not a browser. DeviceFailure: the page does not answer.
    """
    if not isinstance(environment, Browser):
        raise UsageError(f"This task runs on the browser device, not on {type(environment).__name__}.")
    for _ in range(ATTEMPTS):
        try:
            return environment.ask(lambda page: page.evaluate(expression))
        except Error as error:
            failure = error
            if GONE not in error.message:
                break
    raise DeviceFailure(f"The page could not evaluate {expression[:80]!r}: {failure.message}") from failure
