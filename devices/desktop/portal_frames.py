"""The pictures of a monitor that the desktop portal streams over PipeWire, by GStreamer's own program.

A program, because GStreamer's and PipeWire's bindings for Python are built for the system's Python only. It writes each
picture as an uncompressed PNG file, which contains its size; the newest one is kept.
"""

import io
import os
import struct
import subprocess
import threading
from typing import IO

from PIL import Image

from actions.errors import UsageError
from devices.tether import tethered

PACKAGES = "gstreamer1.0-tools gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-pipewire"
FIRST_S = 10.0
"""How long the first picture may take."""
_PIPELINE = "! videoconvert ! video/x-raw,format=RGB ! pngenc snapshot=false compression-level=0 ! fdsink sync=false"
_SIGNATURE = 8
"""The bytes at the start of a PNG file. Chunks follow: the length of their data, a name, the data and a checksum."""
_CHUNK, _CHECKSUM = struct.Struct(">I4s"), 4


class Frames:
    """The newest picture of one stream."""

    def __init__(self, pipewire: int, node: int) -> None:
        """`pipewire` is the descriptor of a connection, which is closed here. Raises UsageError: no GStreamer."""
        source = f"pipewiresrc fd={pipewire} path={node} always-copy=true"
        command = ["gst-launch-1.0", "-q", *source.split(), *_PIPELINE.split()]
        try:
            self._program = subprocess.Popen(
                tethered(command), pass_fds=[pipewire], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                start_new_session=True,
            )  # fmt: skip
        except FileNotFoundError as error:
            raise UsageError(
                f"The desktop portal's pictures need GStreamer: sudo apt-get install {PACKAGES}"
            ) from error
        finally:
            os.close(pipewire)
        self._newest = b""
        self._came = threading.Condition()
        self._ended = False
        self._thread = threading.Thread(target=self._read, name="portal-frames", daemon=True)
        self._thread.start()

    def newest(self) -> Image.Image:
        """Raises OSError: the stream has ended, or no picture came."""
        with self._came:
            self._came.wait_for(lambda: self._newest or self._ended, FIRST_S)
            if self._ended:
                raise OSError(f"the screen is no longer streamed (or a package is missing: {PACKAGES})")
            if not self._newest:
                raise OSError(f"no picture of the screen came within {FIRST_S:.0f} s")
            return Image.open(io.BytesIO(self._newest)).convert("RGB")

    def close(self) -> None:
        self._program.kill()
        self._thread.join()
        self._program.wait()
        assert self._program.stdout
        self._program.stdout.close()

    def _read(self) -> None:
        assert self._program.stdout
        while picture := _next(self._program.stdout):
            with self._came:
                self._newest = picture
                self._came.notify_all()
        with self._came:
            self._ended = True
            self._came.notify_all()


def _next(stream: IO[bytes]) -> bytes:
    """The next PNG file; empty at the end."""
    parts = [stream.read(_SIGNATURE)]
    name = b""
    while name != b"IEND":
        parts.append(head := stream.read(_CHUNK.size))
        if len(head) < _CHUNK.size:
            return b""
        length, name = _CHUNK.unpack(head)
        parts.append(stream.read(length + _CHECKSUM))
    return b"".join(parts)
