"""What a model that wants to write a text writes when it is held to a grammar."""

from functools import cache

from model.engine import Grammar
from model.engines.local.constraint import Constraints
from model.engines.local.decode import Decoded, decode
from model.engines.local.tokens import Vocabulary
from tests.model import tiny
from tests.model.determined import Determined
from tests.qwen_vocabulary import qwen_tokenizer

VOCABULARIES = ("small", "real")


@cache
def constraints_of(vocabulary: str) -> Constraints:
    """Those of the model in the box, or those of the released checkpoints."""
    tokenizer = tiny.tokenizer_of(tiny.EMBEDDED / "tokenizer.json") if vocabulary == "small" else qwen_tokenizer()
    return Constraints(Vocabulary(tokenizer, 28))


def held(
    constraints: Constraints,
    grammar: Grammar,
    wanted: str,
    then: str = "",
    forcing: bool = True,
    stop: tuple[str, ...] = (),
) -> Decoded:
    """The reply of a model that wants to write `wanted`, then what stands in `then`, and to end there."""
    vocabulary = constraints.vocabulary
    ids = [*vocabulary.encode(wanted + then), vocabulary.marker("<|im_end|>")]
    model = Determined(ids, rows=vocabulary.size + 9)
    return decode(model.first(), model, vocabulary, stop, len(ids) + 400, constraints.start(grammar, forcing))


def allows(constraints: Constraints, rule: str, text: str) -> bool:
    """Whether a text is one of those that a rule describes."""
    return held(constraints, Grammar("", f"root ::= {rule}"), text).text == text
