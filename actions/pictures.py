"""Pictures as bytes: their lossless encoding, and a digest of their pixels."""

import hashlib
import io

from PIL import Image

from actions.geometry import Size


def as_png(image: Image.Image) -> bytes:
    """An RGB picture as PNG, compressed quickly rather than well."""
    buffer = io.BytesIO()
    image.save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def pixel_digest(image: Image.Image) -> str:
    """A digest of an RGB picture: equal for equal pixels."""
    digest = hashlib.sha256(repr(Size(*image.size)).encode())
    digest.update(image.tobytes())
    return digest.hexdigest()
