"""Stands between a program and PostgreSQL: prints its port, and then a line `ROLE TYPE` for each message that makes the server answer.

These are Sync (S), Flush (H) and a simple query (Q): as many of them, as many round trips. The argument is the server's Unix socket.
https://www.postgresql.org/docs/15/protocol-message-formats.html
"""

import asyncio
import struct
import sys


async def serve(client, to_client):
    server, to_server = await asyncio.open_unix_connection(sys.argv[1])

    async def back():
        while data := await server.read(65536):
            to_client.write(data)
            await to_client.drain()
        to_client.close()

    answers = asyncio.create_task(back())
    try:
        length = await client.readexactly(4)
        startup = await client.readexactly(struct.unpack("!I", length)[0] - 4)
        words = startup[4:].split(b"\0")
        role = words[words.index(b"user") + 1].decode() if b"user" in words else "-"
        to_server.write(length + startup)
        while True:
            head = await client.readexactly(5)
            to_server.write(head + await client.readexactly(struct.unpack("!I", head[1:])[0] - 4))
            if head[:1] in b"SHQ":
                print(role, head[:1].decode(), flush=True)
            await to_server.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        to_server.close()
        await answers


async def main():
    listener = await asyncio.start_server(serve, "127.0.0.1", 0)
    print("port", listener.sockets[0].getsockname()[1], flush=True)
    await listener.serve_forever()


asyncio.run(main())
