"""ChatML comes only from the layout, texts are joined where they meet, and every token is counted."""

import io

from PIL import Image

from actions.geometry import Size
from model.engine import Generated, Marker, Message, Picture, Prompt, Text

PICTURE = Picture(Image.new("RGB", (56, 28)))
PROMPT = Prompt(
    (
        Message("system", (Text("Be "), Text("brief."))),
        Message("user", (PICTURE, Text("Go."))),
        Message("assistant", (Generated("ok", (7, 8, 9)), Text("\n*RETURN*:"))),
    )
)


def test_the_conversation_is_laid_out_as_chatml_with_the_last_message_open() -> None:
    assert list(PROMPT.chatml()) == [
        Marker("<|im_start|>"), Text("system\nBe brief."), Marker("<|im_end|>"), Text("\n"),
        Marker("<|im_start|>"), Text("user\n"), PICTURE, Text("Go."), Marker("<|im_end|>"), Text("\n"),
        Marker("<|im_start|>"), Text("assistant\n"), Generated("ok", (7, 8, 9)), Text("\n*RETURN*:"),
    ]  # fmt: skip


def test_every_token_is_counted() -> None:
    counted = PROMPT.token_count(lambda text: len(text), lambda size: size.width)
    texts = sum(len(text) for text in ("system\nBe brief.", "\n", "user\n", "Go.", "\n", "assistant\n", "\n*RETURN*:"))
    assert counted == texts + 5 + 3 + 56


def test_a_picture_is_encoded_once_and_then_held_as_that() -> None:
    shot = Image.effect_noise((56, 28), 60).convert("RGB")
    picture, digest = Picture(shot.copy()), Picture(shot).digest
    assert picture.png is picture.png
    assert Image.open(io.BytesIO(picture.png)).tobytes() == shot.tobytes() == picture.image.tobytes()
    assert (picture.digest, picture.size) == (digest, Size(56, 28))


def test_equal_pixels_have_equal_names_and_others_others() -> None:
    assert PICTURE.digest == Picture(Image.new("RGB", (56, 28))).digest
    assert PICTURE.digest != Picture(Image.new("RGB", (28, 56))).digest
    assert PICTURE.digest != Picture(Image.new("RGB", (56, 28), (0, 0, 1))).digest
    assert PICTURE.size == Size(56, 28) and PROMPT.pictures == [PICTURE]
