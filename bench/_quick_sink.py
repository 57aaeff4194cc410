"""A sink that answers every upload as stored after so many seconds: `python -m bench._quick_sink 0.05`.

It counts records by a byte pattern and judges nothing, so that its processor time does not
stand in the way; prints its port. Not a CleverTap: the sandbox is.
"""

import asyncio
import sys

RECORD = b'"type":"'  # of a profile or an event


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One connection, kept until the other side closes it."""
    seconds = float(sys.argv[1])
    try:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            length = int(head.partition(b"content-length:")[2].split(b"\r\n", 1)[0])
            body = await reader.readexactly(length)
            await asyncio.sleep(seconds)
            answer = b'{"processed":%d,"unprocessed":[]}' % body.count(RECORD)
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(answer), answer))
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


async def main() -> None:
    """Until it is killed."""
    server = await asyncio.start_server(serve, "127.0.0.1", 0, limit=8_000_000)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
