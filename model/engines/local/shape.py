"""`Shape`: the numbers of a checkpoint's configuration that our arithmetic needs."""

from typing import Any, NamedTuple

CHANNELS, FRAMES = 3, 2
"""Of what the vision encoder reads as one patch."""


class Shape(NamedTuple):
    """Of the language model, and below of the vision encoder. Widths are in numbers, not bytes."""

    hidden: int
    inner: int
    layers: int
    heads: int
    key_heads: int
    head_width: int
    vocabulary: int
    """Rows of the embedding table."""
    tied: bool
    """The embedding table is the last layer, too."""
    vision_inner: int
    vision_hidden: int = 1280
    vision_layers: int = 32
    patch: int = 14
    merge: int = 2

    @classmethod
    def of(cls, config: Any) -> "Shape":
        """From the library's configuration, whose parts it does not type."""
        text, vision = config.text_config, config.vision_config
        return cls(
            hidden=text.hidden_size,
            inner=text.intermediate_size,
            layers=text.num_hidden_layers,
            heads=text.num_attention_heads,
            key_heads=text.num_key_value_heads,
            head_width=text.hidden_size // text.num_attention_heads,
            vocabulary=text.vocab_size,
            tied=config.tie_word_embeddings,
            vision_inner=vision.intermediate_size,
            vision_hidden=vision.hidden_size,
            vision_layers=vision.depth,
            patch=vision.patch_size,
            merge=vision.spatial_merge_size,
        )

    @property
    def key_values_per_token(self) -> int:
        return 2 * self.layers * self.key_heads * self.head_width

    @property
    def projections(self) -> int:
        """Weights of the language model's linear layers without its last one: what quantising makes smaller."""
        attention = 2 * (self.heads + self.key_heads) * self.head_width
        return self.layers * self.hidden * (attention + 3 * self.inner)

    @property
    def projection_rows(self) -> int:
        """The width of what those layers give, added up."""
        attention = (self.heads + 2 * self.key_heads) * self.head_width + self.hidden
        return self.layers * (attention + 2 * self.inner + self.hidden)

    @property
    def other_weights(self) -> int:
        """Weights of all the rest: embeddings, norms, biases, and the vision encoder."""
        biases = (self.heads + 2 * self.key_heads) * self.head_width
        text = self.layers * (2 * self.hidden + biases) + self.hidden
        return (1 if self.tied else 2) * self.vocabulary * self.hidden + text + self.vision_weights

    @property
    def vision_weights(self) -> int:
        width, inner, merged = self.vision_hidden, self.vision_inner, self.vision_hidden * self.merge**2
        layer = 4 * width * (width + 1) + (3 * inner + 1) * width + 2 * inner + 2 * width
        merger = width + merged * (merged + 1) + (merged + 1) * self.hidden
        return CHANNELS * FRAMES * self.patch**2 * width + self.vision_layers * layer + merger


PUBLISHED = {
    "qwen2.5-vl-3b": Shape(2048, 11008, 36, 16, 2, 128, 151_936, True, 3420),
    "qwen2.5-vl-7b": Shape(3584, 18944, 28, 28, 4, 128, 152_064, False, 3420),
    "qwen2.5-vl-32b": Shape(5120, 27648, 64, 40, 8, 128, 152_064, False, 3456),
    "qwen2.5-vl-72b": Shape(8192, 29568, 80, 64, 8, 128, 152_064, False, 3456),
}
"""By profile, from the published configurations; the smallest first."""
