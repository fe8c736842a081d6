"""The small model's tokenizer: byte-level BPE, plus whole pieces of prompts and calls as tokens.

The pieces shorten prompts and replies, so that a small model on a CPU reads and writes few tokens. They also give a
copied word the same tokens in prompt and reply: BPE would merge a space with the first letters of the next word, unless
the space ends a piece. They are ordinary tokens, not special ones: text that contains them gains no power.
"""

import sys
from pathlib import Path

from tokenizers import AddedToken, Tokenizer

PIECES = (
    '*FUNCTION*: Click\n*ARGS*: {"point": [', '*FUNCTION*: Type\n*ARGS*: {"text": "',
    '*FUNCTION*: Press\n*ARGS*: {"keys": ["', '*FUNCTION*: Scroll\n*ARGS*: {"direction": "',
    '*FUNCTION*: Answer\n*ARGS*: {"text": "', '*FUNCTION*: Finish\n*ARGS*: {"status": "success"}',
    '*FUNCTION*: Finish\n*ARGS*: {"status": "failure"}', '"]}', '"}', '\\n"}',
    "\n*RESULT*: [an earlier screenshot, left out]\n*RETURN*:", "system\nAct on the page.", "user\n",
    "assistant\n", "Log in as ", "log in as ", " with password ", 'Enter the username "', '" and the password "',
    '" into the text fields and press login.', 'Enter "', '" into the text field and press Submit.',
    'Enter the password "', '" into both text fields and press submit.', '" as ', ". Then press ",
    '". Then press ', 'Click on the "', '" button.', "Click button ", 'Click on the link "', 'Click on "',
    "Click on Tab #", 'Click the button in the dialog box labeled "', 'Close the dialog box by clicking the "x".',
    "Focus into the ", "Focus into the textbox.", " input textbox.", "Click on the ", " colored box.",
    'Click on a "', '" widget.', "Select ", " and click Submit.", " from the list and click Submit.",
    'Switch between the tabs to find and click on the link "',
    'Expand the sections below, to find and click on the link "', "Expand the section below and click submit.",
    'Navigate through the file tree. Find and click on the folder or file named "',
    "What is written at [", "]?", "Which boxes are checked?", "What is selected?", "What is listed?",
    "Click on the focused field.", '*FUNCTION*: Scroll\n*ARGS*: {"direction": "down", "notches": 2, "point": [',
    "Search for a ", "Find ", " and save it.", "How many stars does ", " have? Answer with the number.",
    "Find a pizza place and open its page.", "Open the tab ", "Close the account.",
    "Start to close the account, then keep it after all.", "Pick the ", ", and nothing else.",
    "Reserve a table inside for ", "Reserve a table outside for ", " guests at ", " in the name of ", ", e-mail ",
    ", with the newsletter.", ", without the newsletter.",
)  # fmt: skip


def extend(folder: Path) -> int:
    """Adds the missing pieces to the tokenizer in a folder; returns its number of tokens."""
    file = str(folder / "tokenizer.json")
    tokenizer = Tokenizer.from_file(file)
    tokenizer.add_tokens([AddedToken(piece, normalized=False, special=False) for piece in PIECES])
    tokenizer.save(file)
    return int(tokenizer.get_vocab_size())


if __name__ == "__main__":
    print(extend(Path(sys.argv[1])), "tokens")
