"""The value of a formula of cards, and a formula that reaches a target: exact fractions, without `eval`."""

import ast
import operator
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from functools import lru_cache

_OPERATIONS: dict[type[ast.operator], Callable[[Fraction, Fraction], Fraction]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
Formula = tuple[str, ...]
"""The symbols of a formula in order: numbers, operators, parentheses."""


def worth(formula: Sequence[str]) -> Fraction:
    """The value of a formula of whole numbers, + - * / and parentheses.

    Raises:
        ValueError: it is not such a formula, or divides by zero.
    """
    try:
        return _value(ast.parse(" ".join(formula), mode="eval").body)
    except (SyntaxError, ZeroDivisionError) as error:
        raise ValueError(f"{' '.join(formula)!r} has no value") from error


def _value(node: ast.expr) -> Fraction:
    match node:
        case ast.Constant(value=int(number)) if not isinstance(number, bool):
            return Fraction(number)
        case ast.BinOp(left=left, op=operation, right=right) if type(operation) in _OPERATIONS:
            return _OPERATIONS[type(operation)](_value(left), _value(right))
    raise ValueError(f"{ast.unparse(node)!r} is not a formula")


def solve(numbers: Sequence[int], target: int, operators: str) -> Formula | None:
    """A formula that uses every number once and reaches the target; None if there is none.

    Tries every way to join two of the numbers, then recurses with the result in their place.
    """
    return _solve(tuple(sorted((Fraction(number), (str(number),)) for number in numbers)), Fraction(target), operators)


_Term = tuple[Fraction, Formula]


@lru_cache(maxsize=100_000)
def _solve(terms: tuple[_Term, ...], target: Fraction, operators: str) -> Formula | None:
    if len(terms) == 1:
        return terms[0][1] if terms[0][0] == target else None
    for first in range(len(terms)):
        for second in range(len(terms)):
            if first == second:
                continue
            rest = tuple(term for index, term in enumerate(terms) if index not in (first, second))
            for joined in _joined(terms[first], terms[second], operators):
                if found := _solve(tuple(sorted((*rest, joined))), target, operators):
                    return found
    return None


def _joined(left: _Term, right: _Term, operators: str) -> Iterator[_Term]:
    for sign in operators:
        if sign in "+*" and left > right:
            continue  # equal to the swapped pair
        if sign == "/" and right[0] == 0:
            continue
        operation = {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv}[sign]
        yield operation(left[0], right[0]), (*_bracketed(left[1]), sign, *_bracketed(right[1]))


def _bracketed(formula: Formula) -> Formula:
    return formula if len(formula) == 1 else ("(", *formula, ")")
