"""`Shape` and `Weights`: the numbers of a model that our arithmetic needs."""

from typing import Any, NamedTuple

from torch import nn

CHANNELS, FRAMES = 3, 2
"""The number of values in one patch."""


class Shape(NamedTuple):
    """Widths of the language model, then of the vision encoder: numbers, not bytes."""

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
    """Features of a picture's token: the language model's input, and those that are added after its first layers
    (DeepStack, Meng et al. 2024)."""
    learned_positions: bool = False
    """Whether the vision encoder adds an embedding of each patch's position."""

    @classmethod
    def of(cls, config: Any) -> "Shape":
        """From the library's configuration, which is untyped; missing values are guessed."""
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
            # Qwen2-VL calls it embed_dim; its hidden_size is the output width.
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
    """Weights of the language model's linear layers except the last: the ones that are quantised."""
    projection_rows: int
    """The sum of these layers' output widths."""
    others: int
    """All other weights: embeddings, norms, biases, and the vision encoder."""

    @classmethod
    def of(cls, model: Any) -> "Weights":
        """Counted in a model of the library, which needs no memory for them."""
        linear = [module for module in model.get_decoder().modules() if isinstance(module, nn.Linear)]
        projections = sum(module.weight.numel() for module in linear)
        total = sum(weight.numel() for weight in model.parameters())
        return cls(projections, sum(module.out_features for module in linear), total - projections)

    @property
    def total(self) -> int:
        return self.projections + self.others
