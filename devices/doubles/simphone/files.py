"""The phone's files: a tree in memory, some of whose files are live views of the apps' state."""

import errno
import os
import posixpath
import stat
from collections.abc import Callable, Iterator
from typing import NamedTuple

LIMIT = 512 << 20
_FOLDERS = (
    "/", "/data", "/data/data", "/data/local", "/data/local/tmp", "/dev", "/proc", "/sdcard", "/sdcard/Android",
    "/sdcard/DCIM", "/sdcard/Documents", "/sdcard/Download", "/sdcard/Pictures", "/storage", "/storage/emulated",
    "/system", "/system/bin",
)  # fmt: skip
_DEVICES = {"/dev/null", "/dev/tty"}


class Live(NamedTuple):
    """A file whose content lives elsewhere."""

    read: Callable[[], bytes]
    write: Callable[[bytes], None]
    """Raises a ValueError that says what is wrong with the bytes."""


class Status(NamedTuple):
    mode: int
    size: int
    modified: int

    @property
    def is_folder(self) -> bool:
        return stat.S_ISDIR(self.mode)


class _File(NamedTuple):
    data: bytes
    modified: int
    mode: int = 0o100660


def resolve(folder: str, name: str) -> str:
    """The absolute path of a name in a folder; all aliases of the shared storage are one."""
    path = posixpath.normpath(posixpath.join(folder, name))
    path = "/" + path.lstrip("/")
    for alias in ("/storage/emulated/0", "/mnt/sdcard", "/storage/self/primary"):
        if path == alias or path.startswith(alias + "/"):
            return "/sdcard" + path[len(alias) :]
    return path


class Files:
    """Files by absolute path. Problems raise the `OSError`s of a real file system."""

    def __init__(self, live: dict[str, Live], now: Callable[[], int]) -> None:
        self._now = now
        self._live = live
        self._files: dict[str, _File] = {}
        self._folders = set(_FOLDERS)
        for path in live:
            self._folders.add(posixpath.dirname(path))

    def paths(self) -> Iterator[str]:
        yield from self._folders
        yield from self._files
        yield from self._live

    def status(self, path: str) -> Status | None:
        """The node at a path, or None."""
        if path in self._folders:
            return Status(stat.S_IFDIR | 0o771, 4096, self._now())
        if path in _DEVICES:
            return Status(stat.S_IFCHR | 0o666, 0, self._now())
        if live := self._live.get(path):
            return Status(stat.S_IFREG | 0o660, len(live.read()), self._now())
        if file := self._files.get(path):
            return Status(file.mode, len(file.data), file.modified)
        return None

    def read(self, path: str) -> bytes:
        if path in _DEVICES:
            return b""
        if live := self._live.get(path):
            return live.read()
        if path in self._folders:
            raise _problem(errno.EISDIR, path)
        if path not in self._files:
            raise _problem(errno.ENOENT, path)
        return self._files[path].data

    def check_writable(self, path: str) -> None:
        if path in self._folders:
            raise _problem(errno.EISDIR, path)
        if posixpath.dirname(path) not in self._folders:
            raise _problem(errno.ENOENT, path)
        if path.startswith(("/proc/", "/system/")):
            raise _problem(errno.EROFS, path)

    def write(
        self, path: str, data: bytes, *, more: bool = False, modified: int | None = None, mode: int = 0o660
    ) -> None:
        """Writes a file, or appends to it."""
        self.check_writable(path)
        if path in _DEVICES:
            return
        if more and self.status(path):
            data = self.read(path) + data
        if live := self._live.get(path):
            try:
                live.write(data)
            except ValueError as error:
                raise OSError(errno.EINVAL, f"not accepted: {error}", path) from error
            return
        if sum(len(file.data) for file in self._files.values()) + len(data) > LIMIT:
            raise _problem(errno.ENOSPC, path)
        self._files[path] = _File(data, self._now() if modified is None else modified, stat.S_IFREG | mode)

    def make_folder(self, path: str, *, parents: bool = False) -> None:
        if self.status(path):
            if parents and path in self._folders:
                return
            raise _problem(errno.EEXIST, path)
        if posixpath.dirname(path) not in self._folders:
            if not parents:
                raise _problem(errno.ENOENT, path)
            self.make_folder(posixpath.dirname(path), parents=True)
        self._folders.add(path)

    def remove(self, path: str, *, recursive: bool = False) -> None:
        if path in self._live or path in _FOLDERS or path in _DEVICES:
            raise _problem(errno.EACCES, path)
        if path in self._files:
            del self._files[path]
            return
        if path not in self._folders:
            raise _problem(errno.ENOENT, path)
        if not recursive:
            raise _problem(errno.EISDIR, path)
        inside = path + "/"
        if any(name.startswith(inside) for name in self._live):
            raise _problem(errno.EACCES, path)
        self._files = {name: file for name, file in self._files.items() if not name.startswith(inside)}
        self._folders = {name for name in self._folders if name != path and not name.startswith(inside)}

    def names(self, path: str) -> list[str]:
        """The names in a folder, sorted."""
        if path not in self._folders:
            raise _problem(errno.ENOTDIR if self.status(path) else errno.ENOENT, path)
        return sorted(
            {posixpath.basename(one) for one in self.paths() if one != "/" and posixpath.dirname(one) == path}
        )


def _problem(number: int, path: str) -> OSError:
    return OSError(number, os.strerror(number), path)
