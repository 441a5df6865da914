"""Ctrl-C in a program of its own."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time

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
