"""What goes wrong: one class for each kind of error.

Every class is a :class:`regconf.Error` and the builtin exception that is nearest to it, so that
``except ConnectionError`` catches a :class:`regconf.ConnectError` too.
"""

from __future__ import annotations

import builtins

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from regconf.types import ErrorKind

_FIELDS = ("context", "node", "path", "line", "key", "hint")


class Error(Exception):
    """What went wrong, where, and what to do about it. Never holds a secret.

    Its text reads ``context: file:line: key: message; hint``, without what is not known.

    >>> error = ParseError("is a string", path="/etc/docker/daemon.json", line=3, hint="make it an array")
    >>> print(error)
    /etc/docker/daemon.json:3: is a string; make it an array
    >>> error.kind, error.line
    ('parse', 3)
    """

    kind: ErrorKind = "internal"
    """The kind, the same for all errors of a class."""

    message: str
    """What was wrong, without place and hint."""

    context: tuple[str, ...]
    """What was being done, the outermost first."""

    node: str | None
    """The name of the node that it is about. It is not in the text."""

    path: str | None
    """The file."""

    line: int | None
    """Its line, counted from 1."""

    key: str | None
    """The key of a setting or of a file, such as ``ensure[0].endpoints[1].url``."""

    hint: str | None
    """What to do."""

    def __init__(
        self,
        message: str = "",
        *,
        context: Sequence[str] = (),
        node: str | None = None,
        path: str | None = None,
        line: int | None = None,
        key: str | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.context = tuple(context)
        self.node = node
        self.path = path
        self.line = line
        self.key = key
        self.hint = hint

    def __str__(self) -> str:
        places = [*self.context]
        if self.path is not None:
            places.append(self.path if self.line is None else f"{self.path}:{self.line}")
        elif self.line is not None:
            places.append(f"line {self.line}")
        if self.key is not None:
            places.append(self.key)
        hint = "" if self.hint is None else f"; {self.hint}"
        return ": ".join([*places, self.message]) + hint

    def __repr__(self) -> str:
        known = {name: value for name, value in self._fields().items() if value not in (None, ())}
        words = [repr(self.message), *(f"{name}={value!r}" for name, value in known.items())]
        return f"regconf.{type(self).__name__}({', '.join(words)})"

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return self.message == other.message and self._fields() == other._fields()

    def __hash__(self) -> int:
        return hash((type(self), self.message, *self._fields().values()))

    def __reduce__(self) -> tuple[Any, ...]:
        return _made, (type(self), self.message, self._fields()), self.__dict__

    def to_json(self) -> str:
        """The error as a JSON object, as it stands in reports. Its ``message`` is the whole text."""
        import json

        fields = {name: getattr(self, name) for name in ("path", "line", "key", "hint")}
        return json.dumps(
            {"kind": self.kind, "message": str(self), "context": self.context, **fields}, ensure_ascii=False
        )

    def _fields(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in _FIELDS}


class InvalidArgumentError(Error, ValueError):
    """An argument or a setting has a value that it may not have."""

    kind = "invalid_argument"


class ParseError(Error, ValueError):
    """A file or an answer is not what its format demands."""

    kind = "parse"


class ConflictError(Error, ValueError):
    """Two settings, or a setting and an existing file, exclude each other."""

    kind = "conflict"


class UnsupportedError(Error, NotImplementedError):
    """The engine, its version or this library cannot do what was asked."""

    kind = "unsupported"


class ConnectError(Error, ConnectionError):
    """The node cannot be reached."""

    kind = "connect"


class HostKeyError(Error, ConnectionError):
    """The host key is unknown, changed or revoked."""

    kind = "host_key"


class AuthenticationError(Error, PermissionError):
    """The node accepted none of the credentials."""

    kind = "authentication"


class PrivilegeError(Error, PermissionError):
    """Logged in, but not allowed to become root."""

    kind = "privilege"


class CommandError(Error, RuntimeError):
    """The node's shell did not do what the script said."""

    kind = "command"


class StaleError(Error, RuntimeError):
    """A file changed after the plan was made from it; nothing was written."""

    kind = "stale"


class ActivationError(Error, RuntimeError):
    """An engine could not be reloaded or restarted."""

    kind = "activation"


class VerificationError(Error, RuntimeError):
    """The engine runs, but the new setting is not in force."""

    kind = "verification"


class TimeoutError(Error, builtins.TimeoutError):
    """A deadline has passed."""

    kind = "timeout"


class CancelledError(Error, RuntimeError):
    """The caller cancelled, or a limit that they set has stopped the rollout."""

    kind = "cancelled"


class IoError(Error, OSError):
    """Reading or writing failed: a missing folder, a full disk, a read-only file system."""

    kind = "io"


class InternalError(Error, RuntimeError):
    """A fault of this library."""

    kind = "internal"


_KINDS: dict[str, type[Error]] = {error.kind: error for error in Error.__subclasses__()}


def _made(error: type[Error] | str, message: str, fields: dict[str, Any]) -> Error:
    """An error of a class, or of the kind with this name."""
    return (_KINDS.get(error, InternalError) if isinstance(error, str) else error)(message, **fields)
