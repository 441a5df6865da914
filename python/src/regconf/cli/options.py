"""The options, each defined once."""

from __future__ import annotations

from ..progress import STYLES
from .arguments import Argument, Section, count, pair, seconds

__all__ = ["CALL", "CHANGE", "ENGINES", "GENERAL", "IMPORT", "LOGIN", "NODES", "ORDER", "OUTPUT", "SETTINGS"]

#: The forms of inventories that are read.
FORMATS = ("lines", "json", "openssh", "kuboard-spray", "kubespray", "rke", "kubekey", "k3s", "kubeasz")

FORMAT = Argument(("--format",), "The form of the inventory, where a guess is not enough.", "FORMAT", FORMATS)
JSON = Argument(("--json",), "Print one JSON document on standard output.")
CHECK = Argument(("--check",), "Exit with 3 when changes are pending.")
ROOT = Argument(("--root",), "A folder that holds a system, such as a mounted image; / is this machine.", "DIR",
                completes="folder")  # fmt: skip

GENERAL = Section("General", (
    Argument(("-h", "--help"), "Print this."),
))  # fmt: skip

SETTINGS = Section("What is wanted", (
    Argument(("-s", "--settings"), "Settings as JSON; - is standard input.", "FILE", completes="file"),
    Argument(("--ensure",), "A registry and the address that serves it, http:// or https://; given again for the same"
             " host, the next address to try.", "HOST=URL", repeats=True, read=pair("HOST=URL")),
    Argument(("--insecure",), "A registry that speaks plain http at its own address.", "HOST", repeats=True),
    Argument(("--skip-verify",), "A registry that speaks https with a certificate that is not to be verified.", "HOST",
             repeats=True),
    Argument(("--ca",), "The CA certificate (PEM) of the https addresses given by --ensure.", "FILE", completes="file"),
    Argument(("--remove",), "A registry that is to be forgotten.", "HOST", repeats=True),
))  # fmt: skip

ENGINES = Section("Engines", (
    Argument(("--engine",), "Set this engine only.", "ENGINE", ("containerd", "docker"), repeats=True),
    Argument(("--assume",), "An engine's version where none can be read, such as containerd=1.7.24.", "ENGINE=VERSION",
             repeats=True, read=pair("ENGINE=VERSION, such as containerd=1.7.24")),
))  # fmt: skip

NODES = Section("Which nodes", (
    Argument(("-i", "--inventory"), "A node list or an inventory that you have already, in any form that `regconf"
             " import` reads; - is standard input.", "NODES", completes="file"),
    Argument(("-n", "--node"), "A node, as [user@]host[:port].", "NODE", repeats=True),
    FORMAT,
    Argument(("--limit",), "Only nodes whose name or address matches.", "GLOB", repeats=True),
))  # fmt: skip

LOGIN = Section("Logging in (wins over what the inventory says)", (
    Argument(("--user",), "The account to log in to.", "USER"),
    Argument(("--identity",), "A private key; without any, those of the agent or of ~/.ssh.", "FILE", completes="file",
             repeats=True),
    Argument(("--known-hosts",), "The file with the nodes' host keys; usually ~/.ssh/known_hosts.", "FILE",
             completes="file"),
    Argument(("--accept-new-host-keys",), "Take and record the key of a host that is not known yet."),
    Argument(("--become",), "How to become root.", "WAY", ("none", "sudo", "doas", "su")),
    Argument(("--ask-password",), "Ask for the account's password."),
    Argument(("--ask-become-password",), "Ask for the password that sudo wants; implies sudo."),
))  # fmt: skip

CALL = Section("How to go about it", (
    Argument(("--parallel",), "How many nodes at once; 0 means all, at most 256.", "N", read=count),
    Argument(("--unreachable",), "Nodes that cannot be reached: fail (the usual), skip, retry, or"
             " retry:ROUNDS:SECONDS.", "WHAT"),
    Argument(("--connect-timeout",), "How long connecting to a node may take (15).", "SECONDS", read=seconds),
    Argument(("--deadline",), "How long a node may take until its change begins (120).", "SECONDS", read=seconds),
    Argument(("--probe",), "Let each node ask the registries what answers there."),
))  # fmt: skip

ORDER = Section("In which order, and when to stop", (
    Argument(("--canary",), "Change so many nodes first, and go on only if they end well.", "N", read=count),
    Argument(("--batch",), "How many nodes, or percent, are changed together: all, 10 or 25%.", "N"),
    Argument(("--control-plane-batch",), "How many control-plane nodes are changed together (1); they come last.", "N",
             read=count),
    Argument(("--parallel-apply",), "How many nodes at once may restart an engine.", "N", read=count),
    Argument(("--pause",), "How long to wait between two batches.", "SECONDS", read=seconds),
    Argument(("--max-failures",), "Begin no other node when more, or more percent, than that have failed.", "N"),
    Argument(("--journal",), "Write down how each node ended; called again, do only what is left.", "FILE",
             completes="file"),
))  # fmt: skip

CHANGE = Section("What to do", (
    Argument(("--dry-run",), "Only find out what there is to do."),
    Argument(("-y", "--yes"), "Do not ask before nodes are changed; it is asked at a terminal only."),
    Argument(("--verify-pull",), "Let each node pull this image at the end.", "IMAGE", repeats=True),
))  # fmt: skip

OUTPUT = Section("Output", (
    JSON,
    Argument(("--report",), "Write the report as JSON into a file.", "FILE", completes="file"),
    Argument(("--html",), "Write the report as a page into a file.", "FILE", completes="file"),
    Argument(("--events",), "Append what happens to a file, as lines of JSON; - is standard error.", "FILE",
             completes="file"),
    Argument(("--progress",), "How progress is shown on standard error.", "STYLE", STYLES),
))  # fmt: skip

IMPORT = Section("Reading the inventory", (
    FORMAT,
    Argument(("--all-hosts",), "Take hosts that are no members of the cluster, too."),
    Argument(("--removed",), "Take nodes that are marked for removal, too."),
    Argument(("--variable",), "The value of a variable that the inventory uses.", "NAME=VALUE", repeats=True,
             read=pair("NAME=VALUE")),
    Argument(("--insecure-means",), "What a registry is that is called insecure and no more.", "WHAT",
             ("http", "skip_verify")),
))  # fmt: skip
