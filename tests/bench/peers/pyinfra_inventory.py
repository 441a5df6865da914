"""The nodes, for pyinfra."""

from job import HOSTS, KEY, KNOWN_HOSTS, PORT

nodes = (
    HOSTS,
    {
        "ssh_user": "root",
        "ssh_port": PORT,
        "ssh_key": KEY,
        "ssh_known_hosts_file": KNOWN_HOSTS,
        "ssh_strict_host_key_checking": "yes",
        "ssh_allow_agent": False,
        "ssh_look_for_keys": False,
    },
)
