"""`Shape` and `Weights`: the numbers of a model that our arithmetic needs."""

from typing import Any, NamedTuple

from torch import nn

CHANNELS, FRAMES = 3, 2
"""Of what the vision encoder reads as one patch."""


class Shape(NamedTuple):
    """Widths of the language model, and below of the vision encoder: in numbers, not bytes."""

    hidden: int
    inner: int
    layers: int
    key_heads: int
    head_width: int
    vocabulary: int
    """Rows of the embedding table."""
    vision_hidden: int = 1280
    patch: int = 14
    merge: int = 2
    levels: int = 1
    """Features of a picture's token: one that the language model reads, and those that are added after its first
    layers (DeepStack, Meng et al. 2024)."""
    learned_positions: bool = False
    """The vision encoder adds an embedding of each patch's place."""

    @classmethod
    def of(cls, config: Any) -> "Shape":
        """From the library's configuration, whose parts it does not type; what it does not say is guessed."""
        text: Any = config.get_text_config()
        vision: Any = getattr(config, "vision_config", None)
        heads = text.num_attention_heads
        return cls(
            hidden=text.hidden_size,
            inner=getattr(text, "intermediate_size", 4 * text.hidden_size),
            layers=text.num_hidden_layers,
            key_heads=getattr(text, "num_key_value_heads", None) or heads,
            head_width=getattr(text, "head_dim", None) or text.hidden_size // heads,
            vocabulary=text.vocab_size,
            # Qwen2-VL calls it embed_dim, and the width of what it gives hidden_size.
            vision_hidden=getattr(vision, "embed_dim", getattr(vision, "hidden_size", 0)),
            patch=getattr(vision, "patch_size", 14),
            merge=getattr(vision, "spatial_merge_size", 1),
            learned_positions=hasattr(vision, "num_position_embeddings"),
            levels=1 + len(getattr(vision, "deepstack_visual_indexes", ())),
        )

    @property
    def key_values_per_token(self) -> int:
        return 2 * self.layers * self.key_heads * self.head_width


class Weights(NamedTuple):
    """How many weights a model has."""

    projections: int
    """Of the language model's linear layers without its last one: what quantising makes smaller."""
    projection_rows: int
    """The width of what those layers give, added up."""
    others: int
    """Of all the rest: embeddings, norms, biases, and the vision encoder."""

    @classmethod
    def of(cls, model: Any) -> "Weights":
        """Counted in a model of the library, which need not have memory for them."""
        linear = [module for module in model.get_decoder().modules() if isinstance(module, nn.Linear)]
        projections = sum(module.weight.numel() for module in linear)
        total = sum(weight.numel() for weight in model.parameters())
        return cls(projections, sum(module.out_features for module in linear), total - projections)

    @property
    def total(self) -> int:
        return self.projections + self.others
