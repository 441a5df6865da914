"""What the tests share."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

import regconf

from servers import Silent, Sshd

# A shell starts what runs in the background with Ctrl-C switched off, and programs that are started here inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def wanted() -> regconf.Settings:
    """A registry that stands under a name of its own."""
    return regconf.Settings(ensure=[regconf.Registry("my-registry.com", endpoints=["http://192.168.30.56:5000"])])


@pytest.fixture
def sshd(tmp_path: Path) -> Iterator[Callable[[], Sshd]]:
    """Starts servers, which end with the test."""
    with ExitStack() as servers:

        def start() -> Sshd:
            folder = tmp_path / f"sshd-{len(list(tmp_path.iterdir()))}"
            folder.mkdir()
            server = Sshd(folder)
            servers.callback(server.stop)
            return server

        yield start


@pytest.fixture
def silent() -> Iterator[Silent]:
    """A server that never answers."""
    server = Silent()
    yield server
    server.stop()
