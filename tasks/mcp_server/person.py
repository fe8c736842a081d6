"""`ClientsUser`: the user of the client whose request is being carried out, who is asked by an elicitation."""

from collections.abc import Mapping
from typing import Any

from mcp import types

from actions.secrets import Secrets
from agent.terminal import visible
from devices.rules.approval import Answer, Approval, Person, Question
from tasks.approving import told
from tasks.mcp_server.work import Asked, Work

LONGEST = 1_000
"""Characters of a reason that the model reads."""
YES_OR_NO = (Answer.YES, Answer.NO)
MEANINGS = {
    Answer.YES: "yes: allow this action",
    Answer.ALL: "all: allow it, and all more of this kind until the run ends",
    Answer.NO: "no: do not allow it",
    Answer.STOP: "stop: do not allow it, and end the run",
}


class ClientsUser(Person):
    """Asks in the session's thread; the answer comes from the server's."""

    def __init__(self, work: Work, secrets: Secrets) -> None:
        self._work = work
        self._secrets = secrets

    @property
    def there(self) -> bool:
        return self._work.current is not None and self._work.current.asks

    def decide(self, question: Question) -> Approval | None:
        return self._ask("\n".join(told(question)), tuple(Answer))

    def allows(self, question: str) -> bool:
        approval = self._ask(question, YES_OR_NO)
        return approval is not None and approval.answer is Answer.YES

    def _ask(self, text: str, choices: tuple[Answer, ...]) -> Approval | None:
        job = self._work.current
        return job.ask(Asked(visible(self._secrets.masked(text)), choices)) if job else None


def elicitation(question: Asked) -> types.ElicitRequestFormParams:
    """The form in which the client puts the question."""
    decisions = {
        "type": "string",
        "enum": [answer.value for answer in question.choices],
        "description": "; ".join(MEANINGS[answer] for answer in question.choices),
    }
    reason = {"type": "string", "maxLength": LONGEST, "description": "What the model is told about it."}
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {"decision": decisions, "reason": reason},
        "required": ["decision"],
    }
    return types.ElicitRequestFormParams(message=question.text, requested_schema=schema)


def approval_in(result: types.ElicitResult) -> Approval:
    """The decision in a client's answer. Only a whole yes is one."""
    content: Mapping[str, object] = result.content or {}
    reason = str(content.get("reason") or "")[:LONGEST]
    decision = str(content.get("decision")) if result.action == "accept" else ""
    return Approval(Answer(decision) if decision in list(Answer) else Answer.NO, reason)
