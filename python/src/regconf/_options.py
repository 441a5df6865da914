"""The keywords of :func:`regconf.push`, as a type."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    from ._regconf import ImageReference

__all__ = ["Options"]


class Options(TypedDict, total=False):
    """What all calls of many nodes take beside ``on_event`` and ``cancel``; :func:`regconf.push` tells of each."""

    parallel: int
    parallel_apply: int
    canary: int
    batch: int | str
    control_plane_batch: int
    pause: float
    max_failures: int | str | None
    unreachable: str
    journal: str | os.PathLike[str] | None
    connect_timeout: float
    deadline: float
    dry_run: bool
    verify_pull: Sequence[str | ImageReference]
    probe: bool
    assume: Mapping[str, str] | None
