"""The policy that knows names of secrets alone: what it is told, and what is left of a turn that holds a value."""

from collections.abc import Sequence

from PIL import Image

from actions.control import Answer
from actions.geometry import Size
from actions.keyboard import Type
from actions.secrets import Secret, Secrets
from agent.episode import Mistake, Step, Turn, Verification
from agent.masking import Masked
from devices import Observation

LOOK = Observation(Image.new("RGB", (8, 8)), Size(8, 8))
ONE = Secrets(
    [Secret("PW", "canary-7f3a9", "example.com"), Secret("PIN", "2468", "example.org:8443", into_password=True)]
)


class Decides:
    """Always the same turn; keeps what it was asked."""

    def __init__(self, turn: Turn) -> None:
        self.turn = turn
        self.asked: list[str] = []

    def act(self, instruction: str, steps: Sequence[Step], observation: Observation) -> Turn:
        self.asked.append(instruction)
        return self.turn


def test_a_model_learns_the_names_in_one_line_and_no_value() -> None:
    for names in (True, False):
        policy = Decides(Turn("a", ""))
        Masked(policy, ONE, names).act("log in with canary-7f3a9", [], LOOK)
        instruction, *lines = policy.asked[0].splitlines()
        assert instruction == "log in with {{PW}}"
        assert len(lines) == names
    Masked(policy := Decides(Turn("a", "")), ONE, True).act("x", [], LOOK)
    assert "{{PW}} (for example.com), {{PIN}} (for example.org:8443, a password field)" in policy.asked[0]
    assert "canary" not in policy.asked[0] and "2468" not in policy.asked[0]


def test_a_turn_that_holds_a_value_keeps_neither_it_nor_the_tokens_that_spell_it() -> None:
    made = Verification(LOOK, "is 'canary-7f3a9' right?", True, "canary-7f3a9", "yes, canary-7f3a9", (1, 2))
    said = Turn(
        "type canary-7f3a9",
        "canary-7f3a9",
        Type(text="canary-7f3a9"),
        Mistake("X", "canary-7f3a9"),
        (3, 4),
        hint="canary-7f3a9",
        verification=made,
    )
    turn = Masked(Decides(said), ONE, True).act("x", [], LOOK)
    assert "canary" not in repr(turn) and (turn.action, turn.ids) == (Type(text="{{PW}}"), ())
    assert turn.verification and turn.verification.ids == () and turn.verification.question == "is '{{PW}}' right?"
    plain = Turn("an answer", "", Answer(text="it"), ids=(3, 4))
    assert Masked(Decides(plain), ONE, True).act("x", [], LOOK) == plain
