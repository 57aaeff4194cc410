"""15 connections and one body that is ready: nothing read, mapped, hashed or written down.

What the sockets of this machine allow, beside which `bench.import_engine` puts a run. Prints
JSON: rows per second of all, and from the first answer to the last request.
"""

import json
import selectors
import socket
import sys
import time
import urllib.parse

CONNECTIONS = 15
_RECORD = b'{"type":"profile","identity":"customer-1","profileData":{"p":"' + b"x" * 184 + b'"}}'
_BODY = b'{"d":[' + b",".join([_RECORD] * 1000) + b"]}"  # some 250 KB, as the bench's rows are
_REQUEST = (
    b"POST /1/upload HTTP/1.1\r\nHost: sink\r\nContent-Type: application/json\r\n"
    b"Content-Length: %d\r\n\r\n" % len(_BODY) + _BODY
)


def send(address: tuple[str, int], requests: int) -> dict[str, float]:
    """So many of a thousand rows each; as ``steady_speed`` of a run, answers between both ends."""
    began, left, answers = time.perf_counter(), requests, []
    selector = selectors.DefaultSelector()
    for _ in range(min(CONNECTIONS, requests)):
        sock = socket.create_connection(address)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        selector.register(sock, selectors.EVENT_READ)
        sock.sendall(_REQUEST)
        left -= 1
    last_sent = time.perf_counter()
    while len(answers) < requests:
        for key, _ in selector.select():
            assert b'"processed":1000' in key.fileobj.recv(65_536)  # type: ignore[union-attr]
            answers.append(time.perf_counter())
            if left:
                key.fileobj.sendall(_REQUEST)  # type: ignore[union-attr]
                last_sent, left = time.perf_counter(), left - 1
    between = sum(answers[0] < one <= last_sent for one in answers)
    return {
        "speed": requests * 1000 / (answers[-1] - began),
        "steady": between * 1000 / (last_sent - answers[0]),
    }


if __name__ == "__main__":
    asked = json.load(sys.stdin)
    sink = urllib.parse.urlsplit(asked["sink"])
    assert sink.hostname == "127.0.0.1"
    assert sink.port
    print(json.dumps(send((sink.hostname, sink.port), asked["rows"] // 1000)))
