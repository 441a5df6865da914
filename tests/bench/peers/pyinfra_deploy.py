"""pyinfra: facts and operations; nothing is done where nothing changes."""

from io import StringIO

from pyinfra import host
from pyinfra.facts.server import Command
from pyinfra.operations import files, server, systemd

from job import CONFIG, merged

after = merged(host.get_fact(Command, command=f"cat {CONFIG}"))
if after is not None:
    server.shell(name="Keep the old file", commands=[f"cp -p {CONFIG} {CONFIG}.bak"])
    files.put(name="Write beside it", src=StringIO(after), dest=f"{CONFIG}.new")
    server.shell(name="Replace it", commands=[f"mv {CONFIG}.new {CONFIG}"])
    systemd.service(name="Reload docker", service="docker", reloaded=True)
