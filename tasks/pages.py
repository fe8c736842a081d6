"""Asks the page of a browser environment, for the tasks that set up and score on its state."""

from typing import Any

from playwright.sync_api import Error

from actions.errors import DeviceFailure, UsageError
from devices import Environment
from devices.browser import Browser


def evaluate(environment: Environment, expression: str) -> Any:
    """The value of a JavaScript expression in the page that the browser shows now.

    Raises:
        UsageError: the environment is no browser. DeviceFailure: the page does not answer.
    """
    if not isinstance(environment, Browser):
        raise UsageError(f"This task runs on the browser device, not on {type(environment).__name__}.")
    try:
        return environment.page.evaluate(expression)
    except Error as error:
        raise DeviceFailure(f"The page could not be asked for {expression[:80]!r}: {error.message}") from error
