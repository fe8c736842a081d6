"""Evaluates expressions in the page of a browser environment, for tasks that set up and score its state."""

from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple, TypeVar

from playwright.async_api import Error, Page

from actions.errors import DeviceFailure, UsageError
from actions.geometry import Box
from devices import Environment
from devices.browser.device import Browser

GONE = "context was destroyed"
"""Part of the error if the page navigates during an evaluation, which can then be repeated."""
ATTEMPTS = 3


Answer = TypeVar("Answer")
_FACTS = """elements => {
  const first = elements[0];
  if (!first) return {number: 0, states: [], value: null, box: null};
  const box = first.getBoundingClientRect();
  const style = getComputedStyle(first);
  const visible = box.width > 0 && box.height > 0 && style.visibility === "visible";
  const pressed = first.getAttribute("aria-checked") ?? first.getAttribute("aria-pressed");
  const states = [visible ? "visible" : "hidden"];
  states.push(first.matches(":disabled") || first.getAttribute("aria-disabled") === "true" ? "disabled" : "enabled");
  const checked = first.checked || pressed === "true";
  if ("checked" in first || pressed !== null) states.push(checked ? "checked" : "unchecked");
  if (document.activeElement === first) states.push("focused");
  const field = ["INPUT", "TEXTAREA", "SELECT"].includes(first.tagName);
  return {number: elements.length, states, value: field ? first.value : first.innerText ?? first.textContent,
          box: visible ? [box.left, box.top, box.right, box.bottom] : null};
}"""


class ExpressionFailure(DeviceFailure):
    """A JavaScript expression raised an error."""


class ElementFacts(NamedTuple):
    """The number of elements, and the first one's states, value or text, and place on the screen."""

    number: int
    states: tuple[str, ...]
    value: str | None
    box: Box | None


def element_facts(environment: Environment, selector: str | None, role: str | None, name: str | None) -> ElementFacts:
    """The facts about the elements that a selector of Playwright finds, or a role and an accessible name.

    Raises:
        UsageError: the environment is not a browser. DeviceFailure: the page does not answer, or the selector is wrong.
    """

    async def ask(page: Page) -> Any:
        found = page.locator(selector) if selector is not None else page.get_by_role(role, name=name)  # type: ignore[arg-type]
        return await found.evaluate_all(_FACTS)

    what = selector if selector is not None else f"{role} {name or ''}"
    facts = _answered(environment, ask, f"The page could not find {what[:80]!r}")
    box = facts["box"]
    return ElementFacts(facts["number"], tuple(facts["states"]), facts["value"], Box(*box) if box else None)


def evaluate(environment: Environment, expression: str) -> Any:
    """The value of a JavaScript expression in the browser's current page.

    Raises:
        UsageError: the environment is not a browser. DeviceFailure: the page does not answer. ExpressionFailure: the
        expression raised an error.
    """
    what = f"The page could not evaluate {expression[:80]!r}"
    return _answered(environment, lambda page: page.evaluate(expression), what, ExpressionFailure)


def _answered(
    environment: Environment,
    question: Callable[[Page], Awaitable[Answer]],
    otherwise: str,
    kind: type[DeviceFailure] = DeviceFailure,
) -> Answer:
    if not isinstance(environment, Browser):
        raise UsageError(f"This task runs on the browser device, not on {type(environment).__name__}.")
    for _ in range(ATTEMPTS):
        try:
            return environment.ask(question)
        except Error as error:
            failure = error
            if GONE not in error.message:
                break
    raise kind(f"{otherwise}: {failure.message.splitlines()[0]}") from failure  # without the trace in Playwright
