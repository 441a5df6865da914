"""What is printed where: data on standard output, all else on standard error."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import TextIO

from .._regconf import Report
from ..errors import Error, IoError
from ..grouping import said
from ..terminal import RED, YELLOW, Paint, wants_colour
from .fault import Fault

__all__ = ["CANNOT_MERGE", "FAILED", "INTERRUPTED", "PENDING", "UNUSABLE", "WELL"]

#: Exit codes.
WELL, FAILED, UNUSABLE, PENDING, INTERRUPTED = 0, 1, 2, 3, 130

#: The kinds of errors that say that a config cannot be merged, and not that a node has failed.
CANNOT_MERGE = frozenset({"invalid_argument", "parse", "conflict", "unsupported"})


def lines(texts: Iterable[str], file: TextIO | None = None) -> None:
    """Writes lines to standard output, or to a file."""
    out = sys.stdout if file is None else file
    for text in texts:
        out.write(f"{text}\n")
    out.flush()


def paint(file: TextIO | None = None) -> Paint:
    """Colours for standard output, or for a file."""
    return Paint(wants_colour(sys.stdout if file is None else file))


def say(text: str) -> None:
    """A remark on standard error."""
    lines([paint(sys.stderr)("", text)], sys.stderr)


def error(wrong: Error) -> None:
    """An error on standard error, and what to do about it."""
    text, hint = said(wrong)
    colours = paint(sys.stderr)
    first, *rest = text.splitlines() or [""]
    told = [f"{colours(RED, 'regconf:')} {colours('', first)}", *(colours("", line) for line in rest)]
    lines(told + [f"{colours(YELLOW, 'hint:')} {colours('', line)}" for line in (hint or "").splitlines()], sys.stderr)


def of_system(wrong: OSError) -> IoError:
    """What the system says of a file, as an error of this library."""
    return IoError(wrong.strerror or str(wrong), path=wrong.filename)


def ending(report: Report) -> int:
    """The exit code for a report."""
    try:
        report.raise_for_failures()
    except Error:
        return FAILED
    return PENDING if any(node.outcome == "pending" for node in report) else WELL


def write_private(path: str, text: str) -> None:
    """Writes a file that its owner only can read, also where it is there already with other rights.

    Raises:
        OSError: It cannot be written.
    """
    if os.path.lexists(path) and not stat.S_ISREG(os.lstat(path).st_mode):
        _write_into(path, text)
    else:
        _write_beside(path, text)


def _write_into(path: str, text: str) -> None:
    """Into a pipe, a device such as /dev/stdout, or what a link leads to: they stay what they are."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.fchmod(descriptor, 0o600)
        file.write(text)


def _write_beside(path: str, text: str) -> None:
    """Beside the file and renamed, so that at no time others can read it."""
    folder, name = os.path.split(path)
    staged = os.path.join(folder, f".{name}.{os.getpid()}")
    try:
        descriptor = os.open(staged, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(staged, path)
    except OSError as wrong:
        wrong.filename = path
        with suppress(OSError):
            os.unlink(staged)
        raise


def write(path: str, text: str) -> None:
    """Writes a file.

    Raises:
        OSError: It cannot be written.
    """
    Path(path).write_text(text, encoding="utf-8")


def read(path: str) -> str:
    """The text of a file; ``-`` is standard input.

    Raises:
        Fault: It cannot be read.
    """
    try:
        return sys.stdin.read() if path == "-" else Path(path).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise Fault(f"{path}: is not UTF-8 text") from None
