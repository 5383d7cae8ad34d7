"""An SSH server that lets everybody in, for a host of the tests: python -m ... ADDRESS FOLDER."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import asyncssh


class Open(asyncssh.SSHServer):
    """Asks nobody for a key."""

    def begin_auth(self, username):
        del username
        return False


async def copy(source, target):
    while data := await source.read(4096):
        target.write(data)


async def run(process):
    """Run what a client asks for; it ends with the connection."""
    started = await asyncio.create_subprocess_shell(
        process.command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    copies = [copy(started.stdout, process.stdout), copy(started.stderr, process.stderr)]
    copying = asyncio.gather(*copies, return_exceptions=True)
    closed = asyncio.create_task(process.wait_closed())
    ended = asyncio.create_task(started.wait())
    await asyncio.wait([closed, ended], return_when=asyncio.FIRST_COMPLETED)
    if ended.done():
        await copying
        process.exit(started.returncode)
    else:
        os.killpg(started.pid, signal.SIGTERM)


async def serve(address, folder):
    key = asyncssh.generate_private_key("ssh-ed25519")
    await asyncssh.listen(
        address, 22, server_factory=Open, server_host_keys=[key], process_factory=run, encoding=None
    )
    known = folder / ".ssh" / "known_hosts"
    known.parent.mkdir()
    known.write_text(f"{address} {key.export_public_key().decode()}")
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], Path(sys.argv[2])))
