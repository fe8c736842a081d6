"""`ClientsUser`: the user of the client whose request is being carried out, who is asked by an elicitation."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mcp import types

from agent.terminal import visible
from devices import Environment
from devices.rules.approval import Answer, Approval
from tasks.approving import Person, shown
from tasks.mcp_server.work import Work

LONGEST = 1_000
"""Characters of a reason that the model reads."""
MEANINGS = {
    Answer.YES: "allow it",
    Answer.ALL: "allow it, and all more of this kind until the run ends",
    Answer.NO: "do not allow it",
    Answer.STOP: "do not allow it, and end the run",
}


class ClientsUser(Person):
    """Asks in the session's thread; the answer comes from the server's."""

    def __init__(self, work: Work) -> None:
        self._work = work

    @property
    def answers(self) -> bool:
        return False

    def ask(self, question: str) -> str:
        return ""

    def decide(self, what: str, facts: Sequence[tuple[str, str]], picture: Path | None) -> Approval | None:
        return self._work.ask(visible("\n".join(shown(what, facts))))

    def use(self, environment: Environment) -> None:
        """A client acts by the tools, not during a pause."""


def elicitation(question: str) -> types.ElicitRequestFormParams:
    """The form in which the client puts the question."""
    decisions = {
        "type": "string",
        "enum": [answer.value for answer in Answer],
        "description": "; ".join(f"{answer}: {meaning}" for answer, meaning in MEANINGS.items()),
    }
    reason = {"type": "string", "maxLength": LONGEST, "description": "What the model is told about it."}
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {"decision": decisions, "reason": reason},
        "required": ["decision"],
    }
    return types.ElicitRequestFormParams(message=question, requested_schema=schema)


def approval_in(result: types.ElicitResult) -> Approval:
    """The decision in a client's answer. Only a whole yes is one."""
    content: Mapping[str, object] = result.content or {}
    reason = str(content.get("reason") or "")[:LONGEST]
    decision = str(content.get("decision")) if result.action == "accept" else ""
    return Approval(Answer(decision) if decision in list(Answer) else Answer.NO, reason)
