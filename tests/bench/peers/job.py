"""What a driver is told, and the merge that all drivers in Python do."""

import json
import os

CONFIG = "/etc/docker/daemon.json"
ENTRY = "192.168.30.56:5000"

HOSTS = open(os.environ["BENCH_HOSTS"]).read().split()
PORT = int(os.environ["BENCH_PORT"])
KEY = os.environ["BENCH_KEY"]
KNOWN_HOSTS = os.environ["BENCH_KNOWN_HOSTS"]
PARALLEL = int(os.environ["BENCH_PARALLEL"])


def merged(text):
    """The text with the entry in it; None if it has it already."""
    config = json.loads(text)
    entries = config.setdefault("insecure-registries", [])
    if ENTRY in entries:
        return None
    entries.append(ENTRY)
    return json.dumps(config, indent=2) + "\n"


# Puts CONFIG.new in place of CONFIG, keeps the old one, and reloads docker.
ACTIVATE = f"cp -p {CONFIG} {CONFIG}.bak && mv {CONFIG}.new {CONFIG} && systemctl reload docker"


def script(after):
    """A command that writes the file and activates it."""
    quoted = after.replace("'", "'\\''")
    return f"printf %s '{quoted}' >{CONFIG}.new && {ACTIVATE}"
