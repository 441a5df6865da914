"""Ctrl-C in a program of its own."""

from __future__ import annotations

import fcntl
import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from servers import Silent

PROGRAM = """
import json, sys, regconf
nodes = [regconf.Node("127.0.0.1", name=f"n{i}", port=int(sys.argv[1]), password="x") for i in range(3)]
def show(event):
    if isinstance(event, regconf.NodeEvent) and event.stage == "connecting" and event.index == 2:
        print("connecting", flush=True)
call = getattr(regconf, sys.argv[2])
try:
    call(nodes, regconf.Settings(), connect_timeout=300, on_event=show if sys.argv[3] == "heard" else None)
except KeyboardInterrupt as interrupt:
    print(json.dumps([node.outcome for node in interrupt.report]), flush=True)
    raise
"""


IN_THE_MIDDLE = """
import json, sys, regconf
nodes = [regconf.Node(local=True, name=root, root=root) for root in sys.argv[1:]]
def show(event):
    if isinstance(event, regconf.NodeEvent) and event.stage == "gathering":
        print("gathering", flush=True)
try:
    regconf.push(nodes, regconf.Settings(), on_event=show)
except KeyboardInterrupt as interrupt:
    print(json.dumps([[node.outcome, node.error.kind] for node in interrupt.report]), flush=True)
"""


def test_ctrl_c_does_not_wait_for_nodes_in_the_middle_of_a_change(tmp_path: Path) -> None:
    """The change of somebody else, whose lock is held here, would be waited for, for minutes."""
    state = tmp_path / "var/lib/regconf"
    state.mkdir(parents=True)
    (state / "change").write_text("of another\ndecided\n")
    with open(state / "lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        command = [sys.executable, "-c", IN_THE_MIDDLE, str(tmp_path)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as program:
            try:
                assert program.stdout
                assert program.stdout.readline() == "gathering\n"
                # Time to come to the lock; an interrupt before that ends the call as well.
                time.sleep(0.5)
                program.send_signal(signal.SIGINT)
                out, _ = program.communicate(timeout=60)
            finally:
                program.kill()
    assert json.loads(out) == [["not_tried", "cancelled"]]


@pytest.mark.parametrize("call", ["push", "survey"])
@pytest.mark.parametrize("heard", ["heard", "unheard"])
def test_ctrl_c_ends_a_call(silent: Silent, call: str, heard: str) -> None:
    command = [sys.executable, "-c", PROGRAM, str(silent.port), call, heard]
    program = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert program.stdout
        connection, _ = silent.socket.accept()
        if heard == "heard":
            assert program.stdout.readline() == "connecting\n"
        began = time.monotonic()
        program.send_signal(signal.SIGINT)
        out, error = program.communicate(timeout=60)
    finally:
        program.kill()
        program.wait()
        connection.close()
    assert json.loads(out) == ["not_tried"] * 3
    assert error.rstrip().endswith("KeyboardInterrupt") and program.returncode == -signal.SIGINT
    assert time.monotonic() - began < 30, "it does not wait for the nodes"
