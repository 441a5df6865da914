"""asyncssh: one connection a node, two commands; the second reads the new file from its input."""

import asyncio

import asyncssh

from job import ACTIVATE, CONFIG, HOSTS, KEY, KNOWN_HOSTS, PARALLEL, PORT, merged


async def push(host, key, known_hosts, turn):
    async with turn, asyncssh.connect(
        host, PORT, username="root", client_keys=[key], known_hosts=known_hosts, config=None, agent_path=None
    ) as connection:
        read = await connection.run(f"cat {CONFIG}", check=True)
        after = merged(read.stdout)
        if after is not None:
            await connection.run(f"cat >{CONFIG}.new && {ACTIVATE}", input=after, check=True)


async def main():
    key, known_hosts = asyncssh.read_private_key(KEY), asyncssh.read_known_hosts(KNOWN_HOSTS)
    turn = asyncio.Semaphore(PARALLEL)
    await asyncio.gather(*(push(host, key, known_hosts, turn) for host in HOSTS))


asyncio.run(main())
