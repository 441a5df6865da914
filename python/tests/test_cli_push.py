"""push and status: fleets of folders, nodes that nobody can reach, terminals, interrupts."""

from __future__ import annotations

import json
import os
import pty
import signal
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

import regconf

from command_line import ASSUMED, command, environment, golden, nodes, run, settings, system
from servers import Sshd, is_merged

#: Nobody listens there.
REFUSED = {"name": "gone", "address": "127.0.0.1", "port": 1, "password": "sesame-secret", "known_hosts": ["none"]}


@pytest.fixture
def roots(tmp_path: Path) -> list[Path]:
    return [system(tmp_path / f"node{number:02}") for number in range(1, 7)]


def test_a_fleet(tmp_path: Path, roots: list[Path]) -> None:
    listed, wanted = nodes(tmp_path, roots), settings(tmp_path)
    done = run(tmp_path, "push", "-s", wanted, "-i", listed, *ASSUMED, "--report", "r.json", "--html", "r.html")
    assert done.returncode == 0, done.stderr
    golden("push.txt", done.stdout)
    assert done.stderr.count(": changed\n") == 6
    report = regconf.Report.from_json((tmp_path / "r.json").read_text(encoding="utf-8"))
    assert {node.outcome for node in report} == {"changed"}
    assert (tmp_path / "r.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    again = run(tmp_path, "push", "-s", wanted, "-i", listed, *ASSUMED)
    assert again.stdout.splitlines()[-1] == "6 nodes: 6 unchanged"
    assert "==>" not in again.stdout


def test_failures_are_grouped_and_named(tmp_path: Path, roots: list[Path]) -> None:
    system(roots[3], config="version = 2\nversion = 2\n")
    system(roots[4], config="version = 2\nversion = 2\n")
    done = run(tmp_path, "push", "-s", settings(tmp_path), "-i", nodes(tmp_path, roots, REFUSED), *ASSUMED)
    assert done.returncode == 1
    text = done.stdout[done.stdout.index("notes\n") :]
    golden("push-failures.txt", text)
    for name in ("node04", "node05", "gone"):
        assert f"s  {name}: " in done.stderr, "a failure is named while it happens"
    assert "sesame-secret" not in done.stdout + done.stderr


def test_json_is_one_document(tmp_path: Path, roots: list[Path]) -> None:
    done = run(tmp_path, "push", "-s", settings(tmp_path), "-i", nodes(tmp_path, roots, REFUSED), "--json", *ASSUMED)
    assert done.returncode == 1
    told = json.loads(done.stdout)
    assert (told["version"], len(told["nodes"])) == (1, 7)


def test_events(tmp_path: Path, roots: list[Path]) -> None:
    words = ("push", "-s", settings(tmp_path), "-i", nodes(tmp_path, roots), *ASSUMED)
    assert run(tmp_path, *words, "--events", "events").returncode == 0
    events = [json.loads(line) for line in (tmp_path / "events").read_text(encoding="utf-8").splitlines()]
    finished = [event["name"] for event in events if event.get("stage") == "finished"]
    assert sorted(finished) == [root.name for root in roots]
    on_error = run(tmp_path, *words, "--events", "-")
    assert all(json.loads(line)["event"] in ("node", "batch") for line in on_error.stderr.splitlines())


def test_order_limit_and_journal(tmp_path: Path, roots: list[Path]) -> None:
    system(roots[0], daemon="[]")
    words = ("push", "-s", settings(tmp_path), "-i", nodes(tmp_path, roots), "--journal", "journal", *ASSUMED)
    first = run(tmp_path, *words, "--canary", "2", "--batch", "50%", "--pause", "0")
    assert first.returncode == 1
    assert "batch 1 of 3, the canary" in first.stderr
    assert "4 not tried" in first.stdout and "stopped: " in first.stdout
    system(roots[0])
    second = run(tmp_path, *words, "--limit", "node0[1-3]")
    assert second.returncode == 0
    assert "(1 done before, as the journal says)" in second.stdout
    assert second.stdout.splitlines()[-1] == "3 nodes: 3 changed"


def test_unreachable_nodes_may_be_skipped(tmp_path: Path, roots: list[Path]) -> None:
    words = ("push", "-s", settings(tmp_path), "-i", nodes(tmp_path, roots[:1], REFUSED), *ASSUMED)
    assert run(tmp_path, *words, "--unreachable", "skip").returncode == 0
    assert run(tmp_path, *words, "--limit", "gone", "--unreachable", "skip").returncode == 1
    wrong = run(tmp_path, *words, "--unreachable", "perhaps")
    assert wrong.returncode == 2 and "write fail, skip, retry" in wrong.stderr


def test_status_tells_drift(tmp_path: Path, roots: list[Path]) -> None:
    listed, wanted = nodes(tmp_path, roots), settings(tmp_path)
    words = ("status", "-s", wanted, "-i", listed, *ASSUMED)
    assert run(tmp_path, "push", "-s", wanted, "-i", listed, *ASSUMED).returncode == 0
    assert run(tmp_path, *words).returncode == 0
    for root in (roots[1], roots[2], roots[5]):
        system(root, config=None)
    drifted = run(tmp_path, *words)
    assert drifted.returncode == 3
    golden("status.txt", drifted.stdout)
    gone = run(tmp_path, "status", "-s", wanted, "-i", nodes(tmp_path, roots, REFUSED), *ASSUMED)
    assert gone.returncode == 1


def test_node_list_from_standard_input(tmp_path: Path) -> None:
    words = ("push", "-i", "-", "--insecure", "a.lab")
    done = run(tmp_path, *words, text="ops@127.0.0.1:1\n")
    assert done.returncode == 1 and 'no credentials are given for "ops"' in done.stdout
    (tmp_path / ".ssh").mkdir()
    key = tmp_path / ".ssh/id_ed25519"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    done = run(tmp_path, *words, text="ops@127.0.0.1:1\n")
    assert done.returncode == 1 and "cannot connect to 127.0.0.1:1" in done.stdout, "the usual keys are used"


def terminal(folder: Path, *words: str | Path, answer: str) -> tuple[int, str]:
    """Runs the command line at a terminal at which somebody types an answer. Gives exit code and what is seen."""
    leader, follower = pty.openpty()
    process = subprocess.Popen(
        command(*words), cwd=folder, env=environment(folder), stdin=follower, stdout=follower, stderr=follower,
        start_new_session=True,
    )  # fmt: skip
    os.close(follower)
    seen, is_answered = "", False
    while True:
        try:
            piece = os.read(leader, 65536)
        except OSError:
            break
        if not piece:
            break
        seen += piece.decode(errors="replace")
        if not is_answered and "[y/N]" in seen:
            os.write(leader, answer.encode())
            is_answered = True
    os.close(leader)
    return process.wait(timeout=60), seen


@pytest.mark.parametrize("style", ["rich", "tqdm", "plain", "auto"])
def test_a_terminal_is_asked(tmp_path: Path, roots: list[Path], style: str) -> None:
    if style in ("rich", "tqdm"):
        pytest.importorskip(style)
    words = ("push", "-s", settings(tmp_path), "-i", nodes(tmp_path, roots), "--progress", style, *ASSUMED)
    code, seen = terminal(tmp_path, *words, answer="n\n")
    assert code == 3 and "Change these 6 nodes? [y/N]" in seen and "nothing was changed" in seen
    assert not list(tmp_path.rglob("hosts.toml"))
    code, seen = terminal(tmp_path, *words, answer="y\n")
    assert code == 0, seen
    assert len(list(tmp_path.rglob("hosts.toml"))) == 12
    code, seen = terminal(tmp_path, *words, answer="")
    assert code == 0 and "[y/N]" not in seen, "where nothing is to be done nothing is asked"


def test_yes_does_not_ask(tmp_path: Path, roots: list[Path]) -> None:
    code, seen = terminal(
        tmp_path, "push", "-s", settings(tmp_path), "-i", nodes(tmp_path, roots), "-y", *ASSUMED, answer=""
    )
    assert code == 0 and "[y/N]" not in seen


def test_over_ssh(tmp_path: Path, sshd: Callable[[], Sshd]) -> None:
    servers = {name: sshd() for name in ("n1", "n2")}
    listed = [server.node(name) for name, server in servers.items()]
    (tmp_path / "nodes.json").write_text(regconf.nodes_to_json(listed), encoding="utf-8")
    words = ("push", "-i", "nodes.json", "--ensure", "my-registry.com=http://192.168.30.56:5000", *ASSUMED)
    done = run(tmp_path, *words)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1] == "2 nodes: 2 changed" and "==> changed: n[1-2]" in done.stdout
    assert all(is_merged(server.root) for server in servers.values())
    other = run(tmp_path, *words, "--known-hosts", "/dev/null")
    assert other.returncode == 1 and "hint: " in other.stdout and other.stdout.count("2 failed") == 2


@pytest.fixture
def silent() -> Iterator[dict[str, Any]]:
    """A node that takes connections and never says a word."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        taken: list[socket.socket] = []

        def take() -> None:
            while True:
                try:
                    taken.append(server.accept()[0])
                except OSError:
                    return

        threading.Thread(target=take, daemon=True).start()
        yield REFUSED | {"name": "silent", "port": server.getsockname()[1]}
        for connection in taken:
            connection.close()
        server.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize("times", [1, 2])
def test_an_interrupt_tells_what_was_done(
    tmp_path: Path, roots: list[Path], silent: dict[str, Any], times: int
) -> None:
    listed = nodes(tmp_path, roots[:2], silent)
    words = command(
        "push", "-s", settings(tmp_path), "-i", listed, "--connect-timeout", "300", "--report", "r.json", *ASSUMED
    )
    with subprocess.Popen(
        words, cwd=tmp_path, env=environment(tmp_path), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stderr is not None
            seen = [process.stderr.readline() for _ in range(2)]
            assert all(line.endswith(": changed\n") for line in seen), seen
            for _ in range(times):
                process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=60)
        finally:
            process.kill()
    assert process.returncode == 130, err
    assert "2 changed" in out and "Traceback" not in err and "interrupted" in err
    report = regconf.Report.from_json((tmp_path / "r.json").read_text(encoding="utf-8"))
    assert [node.outcome for node in report][:2] == ["changed", "changed"]
    assert report["silent"].is_failure
