"""parallel-ssh: a command that reads, a copy by SFTP, a command that activates. It checks no host keys."""

import os
import tempfile

from gevent import joinall
from pssh.clients import ParallelSSHClient

from job import ACTIVATE, CONFIG, HOSTS, KEY, PARALLEL, PORT, merged


def said(outputs):
    """What each host printed; all must have succeeded."""
    texts = {}
    for output in outputs:
        texts[output.host] = "\n".join(output.stdout)
        if output.exit_code != 0:
            raise SystemExit(f"{output.host}: {list(output.stderr)}")
    return texts


def client(hosts):
    return ParallelSSHClient(hosts, user="root", port=PORT, pkey=KEY, pool_size=PARALLEL, allow_agent=False)


def main(folder):
    all_hosts = client(HOSTS)
    outputs = all_hosts.run_command(f"cat {CONFIG}")
    all_hosts.join()
    changes = {host: merged(text) for host, text in said(outputs).items()}
    changed = [host for host in HOSTS if changes[host] is not None]
    if not changed:
        return
    # The same client would read the file on all hosts; what is left to do is done on its connections.
    all_hosts.hosts = changed
    for host in changed:
        with open(os.path.join(folder, host), "w") as file:
            file.write(changes[host])
    names = [{"local_file": os.path.join(folder, host), "remote_file": f"{CONFIG}.new"} for host in changed]
    joinall(all_hosts.copy_file("%(local_file)s", "%(remote_file)s", copy_args=names), raise_error=True)
    outputs = all_hosts.run_command(ACTIVATE)
    all_hosts.join()
    said(outputs)


with tempfile.TemporaryDirectory() as folder:
    main(folder)
