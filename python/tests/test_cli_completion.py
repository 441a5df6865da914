"""Completion in real shells."""

from __future__ import annotations

import os
import pty
import re
import select
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from regconf.cli.commands import COMMANDS

from command_line import environment, run


def shell(name: str) -> str:
    path = shutil.which(name)
    if path is None:
        pytest.skip(f"{name} is not installed")
    return path


@pytest.fixture
def scripts(tmp_path: Path) -> Path:
    for name in ("bash", "zsh", "fish"):
        done = run(tmp_path, "completion", name)
        assert (done.returncode, done.stderr) == (0, "")
        (tmp_path / name).write_text(done.stdout, encoding="utf-8")
    (tmp_path / "a folder").mkdir()
    (tmp_path / "settings.json").touch()
    return tmp_path


def bash(folder: Path, *words: str) -> list[str]:
    """What bash offers for the last of these words."""
    asked = 'COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _regconf 2>/dev/null'
    text = f'source ./bash; {asked}; printf "%s\\n" "${{COMPREPLY[@]}}"'
    done = subprocess.run(
        ["bash", "--norc", "-c", text, "bash", *words],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return done.stdout.split()


def test_bash_knows_all_words(scripts: Path) -> None:
    subprocess.run(["bash", "-n", "bash"], cwd=scripts, check=True)
    names = [command.name for command in COMMANDS]
    assert bash(scripts, "regconf", "") == [*names, "--help", "--version"]
    assert bash(scripts, "regconf", "pu") == ["push"]
    for command in COMMANDS:
        options = {name for argument in command.arguments if not argument.is_word for name in argument.names}
        assert set(bash(scripts, "regconf", command.name, "-")) == options, command.name
    assert bash(scripts, "regconf", "push", "--can") == ["--canary"]
    assert bash(scripts, "regconf", "completion", "") == ["bash", "zsh", "fish"]


@pytest.mark.parametrize("words", [["--format", "ku"], ["--format", "=", "ku"]])
def test_bash_knows_values(scripts: Path, words: list[str]) -> None:
    assert bash(scripts, "regconf", "push", *words) == ["kuboard-spray", "kubespray", "kubekey", "kubeasz"]
    assert bash(scripts, "regconf", "push", "--user", "") == []


def typed(program: list[str], folder: Path, begin: str, keys: str, wanted: str) -> None:
    """Types into a shell at a terminal until it shows what is wanted."""
    child, leader = pty.fork()
    if child == 0:
        os.chdir(folder)
        os.execve(program[0], program, environment(folder, PS1="ready> ", TERM="dumb"))
    try:
        os.write(leader, f"{begin}\necho rea''dy\n".encode())
        seen = _read(leader, re.compile(r"^ready\r?$", re.MULTILINE))
        os.write(leader, keys.encode())
        seen += _read(leader, re.compile(re.escape(wanted)))
        assert wanted in seen, seen
    finally:
        os.close(leader)
        os.kill(child, 9)
        os.waitpid(child, 0)


def _read(leader: int, wanted: re.Pattern[str]) -> str:
    seen, end = "", time.monotonic() + 30
    while not wanted.search(seen) and time.monotonic() < end:
        if select.select([leader], [], [], 0.2)[0]:
            seen += os.read(leader, 65536).decode(errors="replace")
    return seen


@pytest.mark.parametrize(
    ("keys", "wanted"),
    [
        ("regconf stat\t", "regconf status "),
        ("regconf push -s sett\t", "settings.json"),
        ("regconf plan --root a\t", "a\\ folder/"),
        ("regconf push --progress ri\t", "rich"),
    ],
)
def test_bash_at_a_terminal(scripts: Path, keys: str, wanted: str) -> None:
    typed([shell("bash"), "--norc", "--noprofile", "-i"], scripts, "source ./bash; complete -p regconf", keys, wanted)


@pytest.mark.parametrize(
    ("keys", "wanted"),
    [
        ("regconf stat\t", "tus "),
        ("regconf push -s sett\t", "ings.json"),
        ("regconf plan --root a\t", "folder/"),
        ("regconf push --progress ri\t", "ch"),
        ("regconf push --cana\t", "ry"),
    ],
)
def test_zsh_at_a_terminal(scripts: Path, keys: str, wanted: str) -> None:
    begin = "autoload -Uz compinit; compinit -u -D; source ./zsh"
    typed([shell("zsh"), "-f", "-i"], scripts, begin, keys, wanted)


def test_zsh_reads_it(scripts: Path) -> None:
    subprocess.run([shell("zsh"), "-f", "-n", "zsh"], cwd=scripts, check=True, timeout=60)


def fish(folder: Path, line: str) -> list[str]:
    """What fish offers at the end of a line."""
    done = subprocess.run(
        [shell("fish"), "--no-config", "-c", f"source ./fish; complete -C '{line}'"], cwd=folder, capture_output=True,
        text=True, timeout=60, env=environment(folder), check=True,
    )  # fmt: skip
    assert done.stderr == ""
    return [offer.partition("\t")[0] for offer in done.stdout.splitlines()]


def test_fish(scripts: Path) -> None:
    assert fish(scripts, "regconf pu") == ["push"]
    assert set(fish(scripts, "regconf ")) == {command.name for command in COMMANDS}
    assert fish(scripts, "regconf push --can") == ["--canary"]
    assert fish(scripts, "regconf push --progress ri") == ["rich"]
    assert fish(scripts, "regconf push -s sett") == ["settings.json"]
    assert fish(scripts, "regconf completion z") == ["zsh"]
