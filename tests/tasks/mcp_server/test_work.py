"""Requests and the questions in them, without a server: what is waited for, and for how long."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from mcp import types

from actions.errors import UsageError
from devices.rules.approval import Answer, Approval
from tasks.mcp_server.user import approval_in, elicitation
from tasks.mcp_server.work import CANCELLED, MOST, Asked, Desk, Job, Reply, Work
from tasks.session import Session


def desk() -> Desk:
    """A desk whose session is not open."""
    return Desk(Session(device="cards", model="embedded", engine="scripted", replies="none.txt"))


def done(_: Desk, job: Job) -> Reply:
    return Reply({})


def in_a_loop(work: Callable[[], Any]) -> Any:
    async def run() -> Any:
        return await work()

    return asyncio.run(run())


def test_a_request_that_was_cancelled_while_it_waited_is_not_begun() -> None:
    def begun(_: Desk, job: Job) -> Reply:
        raise AssertionError("it began")

    async def cancelled() -> object:
        job = Job(begun, asks=False)
        job.cancel()
        assert job.run(desk())
        return await job.event()

    assert in_a_loop(cancelled) == Reply({"error": CANCELLED}, failed=True)


@pytest.mark.parametrize("awaited", [True, False])
def test_a_question_that_nobody_answers_in_time_is_no_yes(awaited: bool) -> None:
    """A client that has gone away with the question takes its request along; one that still waits gets the result."""

    async def asked() -> bool:
        job = Job(done, asks=True, patience_s=0.01)
        job.awaited = awaited
        assert await asyncio.to_thread(job.ask, "May I?") is None
        assert await job.event() == Asked("May I?")
        job.answer(Approval(Answer.YES))  # too late
        return job.cancelled

    assert in_a_loop(asked) is not awaited


def test_only_so_many_requests_wait() -> None:
    async def filled() -> None:
        work = Work()
        for _ in range(MOST):
            work.add(Job(done, asks=False))
        with pytest.raises(UsageError, match=f"{MOST} requests wait"):
            work.add(Job(done, asks=False))

    in_a_loop(filled)


@pytest.mark.parametrize(
    ("action", "content", "approval"),
    [
        ("accept", {"decision": "yes"}, Approval(Answer.YES)),
        ("accept", {"decision": "all", "reason": "go on"}, Approval(Answer.ALL, "go on")),
        ("accept", {"decision": "stop"}, Approval(Answer.STOP)),
        ("accept", {"decision": "no", "reason": "x" * 2000}, Approval(Answer.NO, "x" * 1000)),
        ("accept", {"decision": "YES"}, Approval(Answer.NO)),
        ("accept", {"decision": True}, Approval(Answer.NO)),
        ("accept", None, Approval(Answer.NO)),
        ("decline", {"decision": "yes"}, Approval(Answer.NO)),
        ("cancel", None, Approval(Answer.NO)),
    ],
)
def test_only_a_whole_yes_is_one(action: Any, content: dict[str, Any] | None, approval: Approval) -> None:
    assert approval_in(types.ElicitResult(action=action, content=content)) == approval


def test_the_form_offers_the_four_answers() -> None:
    schema = elicitation("May I?").requested_schema
    assert schema["properties"]["decision"]["enum"] == ["yes", "all", "no", "stop"] and schema["required"] == [
        "decision"
    ]
