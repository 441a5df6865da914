"""The commands."""

from __future__ import annotations

from . import options
from .arguments import Argument, Command, Section, pair
from .options import CALL, CHANGE, ENGINES, GENERAL, IMPORT, LOGIN, NODES, ORDER, OUTPUT, SETTINGS

__all__ = ["COMMANDS"]

_WELL = (0, "all is as wanted")
_FAILED = (1, "some node failed")
_UNUSABLE = (2, "wrong usage or settings, or a config that cannot be merged")
_INTERRUPTED = (130, "interrupted; the summary says what was done")

PLAN = Command(
    "plan",
    "plan",
    "show what would be changed",
    ("plan -s SETTINGS --root DIR [options]", "plan -s SETTINGS -i NODES [options]"),
    (
        "Prints a unified diff of every file that would be changed, and what would be reloaded or restarted. Of nodes"
        " that need the same change it is printed once. Nothing is written. Values of keys that hold secrets are left"
        " out.",
    ),
    (
        SETTINGS,
        Section("Where", (options.ROOT,)),
        NODES,
        LOGIN,
        ENGINES,
        CALL,
        Section(OUTPUT.title, (options.CHECK, *OUTPUT.arguments)),
        GENERAL,
    ),
    (
        (
            "What a name that another address serves means for a folder:",
            "regconf plan --root /mnt/image --assume containerd=1.7.24 \\\n"
            "      --ensure my-registry.com=http://192.168.30.56:5000",
        ),
        ("For a fleet, failing when something is to be done:", "regconf plan -s settings.json -i nodes.json --check"),
    ),
    (_WELL, _FAILED, _UNUSABLE, (3, "changes are pending (with --check)")),
)

APPLY = Command(
    "apply",
    "apply",
    "merge settings into a system on this machine",
    ("apply -s SETTINGS --root DIR [options]",),
    (
        "Merges the settings into the files below a folder: an image, a chroot, a test. Nothing is activated there.",
        "--root / is this machine itself: files are written, engines reloaded or restarted where they must be, the"
        " effect is seen to, and all is put back if something fails. It needs root.",
    ),
    (
        SETTINGS,
        Section("Where", (options.ROOT,)),
        ENGINES,
        Section(CHANGE.title, CHANGE.arguments),
        OUTPUT,
        GENERAL,
    ),
    (
        ("An image that is mounted:", "regconf apply -s settings.json --root /mnt/image --assume containerd=2.1.3"),
        ("On the node itself:", "sudo regconf apply --insecure 192.168.30.56:5000 --root /"),
    ),
    (_WELL, _FAILED, _UNUSABLE, (3, "changes are pending (with --dry-run, or when they were refused)")),
)

PUSH = Command(
    "push",
    "push",
    "make nodes as the settings say, over SSH",
    ("push -s SETTINGS -i NODES [options]", "push -n NODE --insecure HOST [options]"),
    (
        "Connects to each node, reads its files, plans, writes, activates and verifies; a node on which something fails"
        " is put back. A node that is as wanted is not touched.",
        "At a terminal the changes are shown before they are made, and you are asked. Without --settings, an"
        " inventory's own registry settings are used. Ctrl-C begins no other node and leaves those in the middle of"
        " their change to finish or go back by themselves; the next push tells how that ended.",
    ),
    (SETTINGS, NODES, LOGIN, ENGINES, CHANGE, CALL, ORDER, OUTPUT, GENERAL),
    (
        ("One node, in a hurry:", "regconf push -n root@10.0.0.11 --insecure 192.168.30.56:5000"),
        (
            "A fleet, one node first, then a quarter at a time, restarts one by one:",
            "regconf push -s settings.json -i nodes.json --canary 1 --batch 25% \\\n"
            "      --parallel-apply 1 --max-failures 2 --journal push.journal",
        ),
        ("The nodes and registries of a kubespray inventory:", "regconf push -i inventory/mycluster --become sudo"),
        (
            "Prove it by a pull, and keep a page for the colleagues:",
            "regconf push -s settings.json -i nodes.json --yes \\\n"
            "      --verify-pull my-registry.com/team/app:v1 --html report.html",
        ),
    ),
    (_WELL, _FAILED, _UNUSABLE, (3, "changes are pending (with --dry-run, or when they were refused)"), _INTERRUPTED),
)

EXPLAIN = Command(
    "explain",
    "explain",
    "tell where an image would come from",
    ("explain IMAGE [-s SETTINGS] (--root DIR | --file PATH=FILE ...) [options]",),
    (
        "Tells which file decides, which hosts an engine asks in which order and how it trusts them: as things are,"
        " and once the settings are merged. It is read from all the files, those of others too, as the engine's release"
        " reads them.",
        "Only files are read: engines that run are not asked. Give --assume for their versions.",
    ),
    (
        Section("What is asked", (Argument(("image",), "The image, as engines are told.", "IMAGE"),)),
        SETTINGS,
        Section(
            "Where",
            (
                options.ROOT,
                Argument(
                    ("--file",),
                    "A file of the node and the local file that has its content.",
                    "PATH=FILE",
                    repeats=True,
                    read=pair("PATH=FILE, such as /etc/docker/daemon.json=daemon.json"),
                ),
            ),
        ),
        ENGINES,
        Section(OUTPUT.title, (options.JSON,)),
        GENERAL,
    ),
    (
        (
            "After a change that is not made yet:",
            "regconf explain my-registry.com/team/app:v1 -s settings.json --root /mnt/image",
        ),
        (
            "From a copy of one file:",
            "regconf explain nginx --file /etc/docker/daemon.json=./daemon.json",
        ),
    ),
    (_WELL, _UNUSABLE),
)

STATUS = Command(
    "status",
    "status",
    "tell which nodes have drifted from the settings",
    ("status -s SETTINGS -i NODES [options]",),
    (
        "Reads all nodes and tells which are as wanted, which are not and in what they differ; nodes that differ alike"
        " stand together. Nothing is changed.",
    ),
    (SETTINGS, NODES, LOGIN, ENGINES, CALL, OUTPUT, GENERAL),
    (
        ("In a nightly job:", "regconf status -s settings.json -i nodes.json --html /var/www/registries.html"),
        ("For a program:", "regconf status -s settings.json -i nodes.json --json | jq '.groups'"),
    ),
    (_WELL, (1, "some node cannot be reached or planned for"), _UNUSABLE, (3, "some node has drifted")),
)

IMPORTING = Command(
    "import",
    "importing",
    "read an inventory that you have already",
    ("import INVENTORY [options]", "import -s SETTINGS --to FORM"),
    (
        "Reads nodes and registry settings out of the inventory of another tool and shows what was found. What has no"
        " effect there, is not understood or had to be decided is said on standard error, with file and line.",
        "Files that are written can be read by you only, because an inventory may hold passwords; so may what --json"
        " prints.",
    ),
    (
        Section("What is read", (
            Argument(("inventory",), "The file, or kubespray's folder; - is standard input.", "INVENTORY",
                     completes="file", is_optional=True),
            Argument(("-s", "--settings"), "Settings to write in another form, instead of the inventory's.", "FILE",
                     completes="file"),
        )),
        IMPORT,
        Section("What is written", (
            Argument(("--nodes-out",), "Write the node list into a file.", "FILE", completes="file"),
            Argument(("--settings-out",), "Write the settings into a file.", "FILE", completes="file"),
            Argument(("--to",), "The form of the settings; without --settings-out they are printed.", "FORM",
                     ("regconf", "kubespray", "k3s")),
            options.JSON,
        )),
        GENERAL,
    ),
    (
        (
            "Take over a kubespray inventory:",
            "regconf import inventory/mycluster --nodes-out nodes.json --settings-out settings.json",
        ),
        ("registries.yaml for k3s:", "regconf import -s settings.json --to k3s > registries.yaml"),
    ),
    (_WELL, _UNUSABLE),
)  # fmt: skip

REPORT = Command(
    "report",
    "report",
    "show a report that was written earlier",
    ("report FILE [--html OUT] [--json]",),
    (
        "Prints the summary of a report that --report or --json wrote, or makes one page of it that needs nothing else"
        " and can be sent to others. A report holds no secrets.",
    ),
    (
        Section("What is read", (Argument(("file",), "The report; - is standard input.", "FILE", completes="file"),)),
        Section(OUTPUT.title, (OUTPUT.arguments[2], options.JSON)),
        GENERAL,
    ),
    (("As a page:", "regconf report report.json --html report.html"),),
    ((0, "the report could be read"), _UNUSABLE),
)

COMPLETION = Command(
    "completion",
    "completion",
    "print a script that lets your shell complete",
    ("completion bash|zsh|fish",),
    ("Prints a script for your shell. It needs nothing but the shell.",),
    (
        Section("What is printed", (Argument(("shell",), "The shell.", "SHELL", ("bash", "zsh", "fish")),)),
        GENERAL,
    ),
    (
        ("bash, in ~/.bashrc:", 'eval "$(regconf completion bash)"'),
        ("zsh, in ~/.zshrc after compinit:", 'eval "$(regconf completion zsh)"'),
        ("fish:", "regconf completion fish > ~/.config/fish/completions/regconf.fish"),
    ),
    (_WELL, _UNUSABLE),
)

#: All of them, in the order of the help.
COMMANDS = (PLAN, APPLY, PUSH, STATUS, EXPLAIN, IMPORTING, REPORT, COMPLETION)
