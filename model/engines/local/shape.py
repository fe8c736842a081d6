"""`Shape`: the numbers of a checkpoint's configuration that our arithmetic needs."""

from typing import Any, NamedTuple


class Shape(NamedTuple):
    """Of the language model, and below of the vision encoder."""

    hidden: int
    layers: int
    key_heads: int
    head_width: int
    patch: int
    merge: int
    vision_hidden: int
    vision_inner: int

    @classmethod
    def of(cls, config: Any) -> "Shape":
        """From the library's configuration, whose parts it does not type."""
        text, vision = config.text_config, config.vision_config
        return cls(
            hidden=text.hidden_size,
            layers=text.num_hidden_layers,
            key_heads=text.num_key_value_heads,
            head_width=text.hidden_size // text.num_attention_heads,
            patch=vision.patch_size,
            merge=vision.spatial_merge_size,
            vision_hidden=vision.hidden_size,
            vision_inner=vision.intermediate_size,
        )

    @property
    def key_values_per_token(self) -> int:
        return 2 * self.layers * self.key_heads * self.head_width
