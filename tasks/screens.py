"""The sizes of pages and of phone doubles whose pictures a model reads without a resize."""

import devices
from actions.geometry import Size
from model.profile import Profile

SMALLEST_PHONE = Size(320, 426)
"""The smallest screen of Android in density-independent pixels (Compatibility Definition Document, section 7.1.1)."""


def page_size(profile: Profile, scale: float) -> Size:
    """The usual page, or one of nearly its size whose pictures need no resize for this model, if there is one."""
    tiles = (max(1, round(side / profile.patch)) for side in devices.PAGE)
    width, height = (count * profile.patch for count in tiles)
    pixels = Size(round(width * scale), round(height * scale))
    return Size(width, height) if profile.image_size(pixels) == pixels else devices.PAGE


def phone_size(profile: Profile) -> Size | None:
    """The screen of a phone double for a model that reads only one size of picture.

    None for other models, and for one whose pictures are too small for a phone.
    """
    picture = profile.brief.picture if profile.brief else None
    if picture and picture.width >= SMALLEST_PHONE.width and picture.height >= SMALLEST_PHONE.height:
        return picture
    return None
