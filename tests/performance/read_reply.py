"""How long reading a reply of 4 KB takes: run `python -m tests.performance.read_reply`."""

import statistics
import time
from itertools import product

from actions.errors import MalformedReply
from tests.prompts.reading_of import notation

SIZE = 4_096
STARTS = (
    "", "{", '{"text": "', "*FUNCTION*: Type *ARGS*: {text: ", "*FUNCTION*: ", "*FUNCTION*: Click *ARGS*: ", "click(",
    "Action: ", "<tool_call>\n", "type(content='", '{"point": [',
)  # fmt: skip
REPEATED = (
    "{", "[", "(", '"', "'", "*", "* ", "*FUNCTION*:", '{"a":', '{"a":"b" zz ', "{a:1}", "click(", '\nclick(a="',
    "\nAction: click ", "`", " ", "\n", "9", "9 ", "9,", "a ", "a.", "\\", '"\n', "{{", "<thinking>", "<|im_end|>",
    "word, word ",
)  # fmt: skip


def main() -> None:
    """Prints the time of ordinary and of hostile replies, the best of five tries each."""
    typed = '<tool_call>\n{"name": "Type", "arguments": {"text": "' + "word \\n" * (SIZE // 7) + '"}}\n</tool_call>'
    print(f"a valid call that types 4 KB: {milliseconds(typed):.2f} ms")
    print(f"a thought of 4 KB and a call: {milliseconds('So, well. ' * 400 + 'click(1, 2)'):.2f} ms")
    taken = {(start, again): milliseconds((start + again * SIZE)[:SIZE]) for start, again in product(STARTS, REPEATED)}
    worst = max(taken, key=lambda pair: taken[pair])
    print(f"{len(taken)} hostile replies: median {statistics.median(taken.values()):.2f} ms")
    print(f"the slowest of them: {taken[worst]:.2f} ms, {worst[0]!r} then {worst[1]!r} again and again")


def milliseconds(text: str) -> float:
    return min(_once(text) for _ in range(5)) * 1000


def _once(text: str) -> float:
    started = time.perf_counter()
    try:
        notation("function_args", "browser").read_reply(text)
    except MalformedReply:
        pass
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
