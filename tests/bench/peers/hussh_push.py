"""Hussh: two commands on each node of one MultiConnection. It checks no host keys."""

from hussh.multi_conn import MultiConnection

from job import CONFIG, HOSTS, KEY, PARALLEL, PORT, merged, script


def said(results):
    results.raise_if_any_failed()
    return {host: result.stdout for host, result in results.items()}


connections = MultiConnection.from_shared_auth(
    HOSTS, username="root", key_path=KEY, port=PORT, batch_size=PARALLEL
)
with connections:
    changes = {host: merged(text) for host, text in said(connections.execute(f"cat {CONFIG}")).items()}
    commands = {host: script(after) for host, after in changes.items() if after is not None}
    if commands:
        said(connections.execute_map(commands))
