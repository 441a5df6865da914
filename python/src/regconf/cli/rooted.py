"""The files of a system below a folder, as facts."""

from __future__ import annotations

import fnmatch
import glob
import os
import re
import stat
from collections.abc import Iterator

__all__ = ["files"]

#: Where engines keep what they read, below a root.
_PLACES = ("/etc/containerd", "/etc/docker")
#: A path in a config: another folder for registries, an imported file, a certificate.
_PATH = re.compile(rb"""["'](/[^"'\n]+)["']""")
#: Files of configs are small; what is larger is none.
_LARGEST = 4 << 20
_MOST = 20_000
_LINKS = 40


def files(root: str) -> dict[str, bytes]:
    """The files that engines read below a folder, by their paths in it: those of the usual places, and those that they
    name. Symbolic links are followed as the system itself would, and never lead out of the folder.

    Raises:
        OSError: A file cannot be read.
    """
    found: dict[str, bytes] = {}
    seen: set[str] = set()
    waiting = list(_PLACES)
    while waiting and len(found) < _MOST:
        place = waiting.pop()
        if place in seen:
            continue
        seen.add(place)
        for path in _below(root, place):
            content = _content(root, path)
            if path not in found and content is not None:
                found[path] = content
                waiting += _named(path, content)
    return found


def _named(path: str, content: bytes) -> list[str]:
    """The paths that a config names. Certificates name none."""
    if not path.endswith((".toml", ".json")):
        return []
    return [match.decode("utf-8", "surrogateescape") for match in _PATH.findall(content)]


def _below(root: str, place: str) -> Iterator[str]:
    """The files at a place, which may be a file, a folder or a pattern."""
    real = _real(root, place.rstrip("/"))
    if glob.has_magic(place) and real is None:
        folder, pattern = os.path.split(place)
        at = _real(root, folder)
        names = fnmatch.filter(os.listdir(at), pattern) if at else []
        yield from (f"{folder.rstrip('/')}/{name}" for name in sorted(names))
    elif real is not None and os.path.isdir(real):
        for name in sorted(os.listdir(real)):
            yield from _below(root, f"{place.rstrip('/')}/{name}")
    elif real is not None:
        yield place


def _content(root: str, path: str) -> bytes | None:
    real = _real(root, path)
    if real is None:
        return None
    status = os.stat(real)
    if not stat.S_ISREG(status.st_mode) or status.st_size > _LARGEST:
        return None
    with open(real, "rb") as file:
        return file.read()


def _real(root: str, path: str) -> str | None:
    """Where a path of the system is on this machine; ``None`` if it is not there."""
    parts = [part for part in reversed(path.split("/")) if part not in ("", ".")]
    at: list[str] = []
    links = 0
    while parts:
        part = parts.pop()
        if part == "..":
            del at[-1:]
            continue
        here = os.path.join(root, *at, part)
        if not os.path.islink(here):
            at.append(part)
            continue
        links += 1
        if links > _LINKS:
            return None
        target = os.readlink(here)
        if target.startswith("/"):
            at = []
        parts += [part for part in reversed(target.split("/")) if part not in ("", ".")]
    real = os.path.join(root, *at)
    return real if os.path.exists(real) else None
