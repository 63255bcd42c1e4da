"""P6: clients that never finish what they send keep nobody else waiting, and are given up."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from review.stored import fill
from review.test_load import start

# Eight connections that send half a request each, then somebody who wants a page. (Tests may open no connection
# themselves, so this runs as a process of its own.)
CLIENT = """
import http.client, socket, sys, time
port = int(sys.argv[1])
held = []
for half in range(8):
    one = socket.create_connection(("127.0.0.1", port))
    one.sendall(f"POST /login HTTP/1.1\\r\\nHost: 127.0.0.1:{port}\\r\\nContent-Length: 1000\\r\\n".encode())
    if half % 2:
        one.sendall(f"Origin: http://127.0.0.1:{port}\\r\\n\\r\\nname=".encode())
    held.append(one)
other = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
other.request("GET", "/login")
answer = other.getresponse()
print(answer.status, len(answer.read()) > 500)
held[1].settimeout(60)
print(held[1].recv(100).split()[1].decode())
"""


def test_slow_clients_hold_nobody_up_and_are_given_up(tmp_path: Path) -> None:
    fill(tmp_path, 1).close()
    server, port = start(tmp_path / "finds.db", 0)
    try:
        done = subprocess.run(
            [sys.executable, "-c", CLIENT, str(port)], capture_output=True, text=True, timeout=120, check=False
        )
        assert done.stdout.splitlines() == ["200 True", "408"], done.stderr
    finally:
        server.terminate()
        server.communicate()
