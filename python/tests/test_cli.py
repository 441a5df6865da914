"""The command line as such: help, wrong usage, exit codes, pipes."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

import regconf
from regconf.cli import main
from regconf.cli.commands import COMMANDS

from command_line import ASSUMED, command, environment, golden, run, settings, system


@pytest.mark.parametrize("name", [command.name for command in COMMANDS])
def test_help_of_a_command(name: str, tmp_path: Path) -> None:
    done = run(tmp_path, name, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    golden(f"help/{name}.txt", done.stdout)


def test_help_of_the_program(tmp_path: Path) -> None:
    done = run(tmp_path, "--help")
    assert done.returncode == 0
    golden("help/regconf.txt", done.stdout.replace(regconf.__version__, "VERSION"))
    assert run(tmp_path, "help").stdout == done.stdout
    assert run(tmp_path, "help", "push").stdout == run(tmp_path, "push", "--help").stdout


def test_help_fits_the_terminal(tmp_path: Path) -> None:
    lines = run(tmp_path, "push", "--help", COLUMNS="60").stdout.splitlines()
    assert max(len(line) for line in lines if not line.startswith(("  $ ", "      "))) <= 60


def test_version(tmp_path: Path) -> None:
    assert run(tmp_path, "--version").stdout == f"regconf {regconf.__version__}\n"


def test_main_can_be_called(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"regconf {regconf.__version__}\n"


WRONG = {
    (): ("no command is given", "lists them"),
    ("psh",): ("'psh' is no command", "did you mean `regconf push`?"),
    ("push", "--bogus"): ("unrecognized arguments: --bogus", "see `regconf push --help`"),
    ("push", "--canary", "some"): ("'some' is not a number of nodes", "see `regconf push --help`"),
    ("push", "--pause", "-1"): ("'-1' is not a time in seconds", "see `regconf push --help`"),
    ("push", "--insecure", "a"): ("no nodes are given", "--inventory NODES"),
    ("plan", "--insecure", "a"): ("give either --root DIR or nodes", "--inventory NODES"),
    ("plan", "--root", "."): ("nothing is said to be wanted", "--settings FILE"),
    ("plan", "--root", "gone", "--insecure", "a"): ("gone: there is no such folder", ""),
    ("plan", "--root", ".", "--assume", "containerd"): (
        "'containerd' is not ENGINE=VERSION",
        "see `regconf plan --help`",
    ),
    ("plan", "--root", ".", "--ensure", "a=http://b", "--ca", "gone.pem"): ("gone.pem: No such file", ""),
    ("apply", "--insecure", "a"): ("no folder is given", "--root DIR"),
    ("explain", "busybox"): ("no files are given", "--root DIR"),
    ("explain", "busybox", "--root", ".", "--engine", "podman"): ("invalid choice: 'podman'", ""),
    ("import",): ("give either an inventory or --settings", ""),
    ("report", "gone.json"): ("gone.json: No such file or directory", ""),
    ("push", "-n", "a", "--insecure", "b", "--ask-password"): ("nobody sits at a terminal", '{"env": "NAME"}'),
    ("push", "-n", "a", "--insecure", "b", "--limit", "c*"): ("no node matches --limit c*", "there are 1, such as a"),
}


@pytest.mark.parametrize("words", WRONG, ids=" ".join)
def test_wrong_usage(words: tuple[str, ...], tmp_path: Path) -> None:
    message, hint = WRONG[words]
    done = run(tmp_path, *words)
    assert (done.returncode, done.stdout) == (2, "")
    first, *rest = done.stderr.splitlines()
    assert first.startswith("regconf: ") and message in first
    assert hint in "\n".join(rest) and "Traceback" not in done.stderr


def test_settings_errors_name_file_key_and_remedy(tmp_path: Path) -> None:
    (tmp_path / "bad.json").write_text('{"ensure": [{"host": "a b"}]}', encoding="utf-8")
    done = run(tmp_path, "plan", "-s", "bad.json", "--root", ".", "--json")
    assert done.returncode == 2
    assert done.stderr.startswith("regconf: bad.json: ensure[0].host: ")
    assert "\nhint: write host or host:port" in done.stderr
    error = json.loads(done.stdout)["error"]
    assert (error["kind"], error["path"], error["key"]) == ("invalid_argument", "bad.json", "ensure[0].host")


def test_wrong_usage_is_told_to_programs(tmp_path: Path) -> None:
    error = json.loads(run(tmp_path, "plan", "--root", "gone", "--insecure", "a", "--json").stdout)["error"]
    assert error["kind"] == "invalid_argument" and "no such folder" in error["message"]


def test_a_broken_pipe_is_quiet(tmp_path: Path) -> None:
    words = command("push", "--help")
    done = subprocess.run(
        ["bash", "-c", 'exec 3>&1; { "$@"; echo "$?" >&3; } | true; wait', "bash", *words], env=environment(tmp_path),
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.stderr == ""
    # A process that was done before the reader went away has not seen it.
    assert done.stdout.strip() in ("0", "141")


def test_a_closed_output_does_not_stop_a_change(tmp_path: Path) -> None:
    root = system(tmp_path / "image")
    words = command("apply", "-s", settings(tmp_path), "--root", root, *ASSUMED)
    done = subprocess.run(
        ["bash", "-c", '"$@" >/dev/full 2>/dev/full', "bash", *words],
        env=environment(tmp_path),
        timeout=60,
        check=False,
    )
    assert done.returncode != 0
    assert "192.168.30.56" in (root / "etc/docker/daemon.json").read_text(encoding="utf-8")


def test_a_report_that_cannot_be_written_is_printed_nevertheless(tmp_path: Path) -> None:
    root = system(tmp_path / "image")
    words = ("apply", "-s", settings(tmp_path), "--root", root, "--report", "gone/r.json", "--json", *ASSUMED)
    done = run(tmp_path, *words)
    assert done.returncode == 2 and done.stderr.endswith("regconf: gone/r.json: No such file or directory\n")
    assert regconf.Report.from_json(done.stdout)[0].outcome == "changed"


def test_colours(tmp_path: Path) -> None:
    root, wanted = system(tmp_path / "image"), settings(tmp_path)
    words = ("plan", "-s", wanted, "--root", root, *ASSUMED)
    assert "\x1b[" not in (plain := run(tmp_path, *words)).stdout + plain.stderr
    assert "\x1b[32m+" in run(tmp_path, *words, FORCE_COLOR="1").stdout
    assert "\x1b[" not in run(tmp_path, *words, FORCE_COLOR="0").stdout
    assert "\x1b[" not in run(tmp_path, *words, FORCE_COLOR="1", NO_COLOR="1").stdout
