"""Stands between a program and PostgreSQL: prints its port, and passes on what both say, until the program sends a statement with the word
that is the second argument. From then on that connection hears nothing more of the server, which does what it was told all the same: a
`withheld` is printed. The first argument is the server's Unix socket.
"""

import asyncio
import sys


async def serve(client, to_client):
    server, to_server = await asyncio.open_unix_connection(sys.argv[1])
    word = sys.argv[2].encode()
    heard = True

    async def back():
        while data := await server.read(65536):
            if heard:
                to_client.write(data)
                await to_client.drain()
        to_client.close()

    answers = asyncio.create_task(back())
    said = b""
    while data := await client.read(65536):
        said = said[-len(word) :] + data
        if heard and word in said:
            heard = False
            print("withheld", flush=True)
        to_server.write(data)
        await to_server.drain()
    to_server.close()
    await answers


async def main():
    listener = await asyncio.start_server(serve, "127.0.0.1", 0)
    print("port", listener.sockets[0].getsockname()[1], flush=True)
    await listener.serve_forever()


asyncio.run(main())
