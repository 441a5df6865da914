"""Merges image registry settings into existing containerd and docker configs, and pushes them to nodes over SSH.

Settings + facts -> plan -> apply -> report. Merging texts needs no node:

>>> import regconf
>>> settings = regconf.Settings(ensure=[regconf.Registry("192.168.30.56:5000", insecure="http")])
>>> facts = regconf.Facts({"/etc/docker/daemon.json": '{\\n  "debug": true\\n}\\n'})
>>> print(regconf.plan(settings, facts).diff(), end="")
--- a/etc/docker/daemon.json
+++ b/etc/docker/daemon.json
@@ -1,3 +1,4 @@
 {
-  "debug": true
+  "debug": true,
+  "insecure-registries": ["192.168.30.56:5000"]
 }

``regconf.push(nodes, settings)`` does a fleet and gives a report. ``regconf.aio`` has the same for asyncio,
``regconf.progress`` shows how far a call is, and ``python -m regconf`` is the command line.
"""

from __future__ import annotations

from regconf import errors
from regconf._regconf import (
    Activation,
    Advice,
    BatchEvent,
    Cancel,
    Client,
    Endpoint,
    EngineExplanation,
    Explanation,
    Exported,
    Facts,
    FileChange,
    Group,
    ImageReference,
    Imported,
    Node,
    NodeEvent,
    NodeReport,
    Note,
    Plan,
    Probe,
    Pull,
    Registry,
    RegistryHost,
    Remark,
    Removal,
    Report,
    ReportedChange,
    Resolution,
    ResolvedHost,
    Rollout,
    Settings,
    Timing,
    __version__,
    advice,
    load_inventory,
    load_nodes,
    load_nodes_with_warnings,
    nodes_to_json,
    parse_inventory,
    parse_nodes,
    plan,
    push,
    survey,
)
from regconf.errors import (
    ActivationError,
    AuthenticationError,
    CancelledError,
    CommandError,
    ConflictError,
    ConnectError,
    Error,
    HostKeyError,
    InternalError,
    InvalidArgumentError,
    IoError,
    ParseError,
    PrivilegeError,
    StaleError,
    UnsupportedError,
    VerificationError,
)
from regconf.errors import (
    TimeoutError as TimeoutError,  # Not in __all__: a star import shall not hide the builtin one.
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from regconf import types as types
    from regconf.types import ErrorKind, Event, Outcome

__all__ = [
    "Activation",
    "ActivationError",
    "Advice",
    "AuthenticationError",
    "BatchEvent",
    "Cancel",
    "CancelledError",
    "Client",
    "CommandError",
    "ConflictError",
    "ConnectError",
    "Endpoint",
    "EngineExplanation",
    "Error",
    "ErrorKind",
    "Event",
    "Explanation",
    "Exported",
    "Facts",
    "FileChange",
    "Group",
    "HostKeyError",
    "ImageReference",
    "Imported",
    "InternalError",
    "InvalidArgumentError",
    "IoError",
    "Node",
    "NodeEvent",
    "NodeReport",
    "Note",
    "Outcome",
    "ParseError",
    "Plan",
    "PrivilegeError",
    "Probe",
    "Pull",
    "Registry",
    "RegistryHost",
    "Remark",
    "Removal",
    "Report",
    "ReportedChange",
    "Resolution",
    "ResolvedHost",
    "Rollout",
    "Settings",
    "StaleError",
    "Timing",
    "UnsupportedError",
    "VerificationError",
    "__version__",
    "advice",
    "errors",
    "load_inventory",
    "load_nodes",
    "load_nodes_with_warnings",
    "nodes_to_json",
    "parse_inventory",
    "parse_nodes",
    "plan",
    "push",
    "survey",
]

_MODULES = frozenset({"aio", "cli", "html", "progress", "types"})
_TYPES = frozenset({"ErrorKind", "Event", "Outcome"})


if not TYPE_CHECKING:  # For type checkers every name would be there.

    def __getattr__(name: str) -> object:
        """Imports at their first use what few programs need and what takes its time."""
        from importlib import import_module

        if name in _MODULES:
            return import_module(f"regconf.{name}")
        if name in _TYPES:
            return getattr(import_module("regconf.types"), name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *_MODULES, *_TYPES})
