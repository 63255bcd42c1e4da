"""One reviewer of the load test, as a process of its own: decides on marks, and sends again what got no answer.

Arguments: port, session, first mark to begin at, how many decisions, the marks' numbers. Prints one JSON line: the
numbers of the entries that the server said it kept, and how many pages were stale, or had to be sent again.
"""

from __future__ import annotations

import http.client
import json
import re
import sys
import time
from html import unescape
from urllib.parse import urlencode

# Long, as a server that starts on a busy machine is slow to answer; what counts is that nothing is lost.
GIVE_UP_S = 900.0


def ask(port: int, session: str, method: str, path: str, body: str | None = None) -> tuple[int, str, str]:
    """Status, body and where it leads. Tries again while nobody answers."""
    own = f"127.0.0.1:{port}"
    headers = {"Host": own, "Cookie": f"marktrace_session_{port}={session}", "Sec-Fetch-Site": "same-origin"}
    if body is not None:
        headers |= {"Origin": f"http://{own}", "Content-Type": "application/x-www-form-urlencoded"}
    until = time.monotonic() + GIVE_UP_S
    while True:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            text = answer.read().decode("utf-8")
            if answer.status != 503:
                return answer.status, text, answer.headers.get("Location", "")
        except (OSError, http.client.HTTPException):
            pass
        finally:
            connection.close()
        if time.monotonic() > until:
            raise SystemExit("nobody answers")
        again.append(path)
        time.sleep(0.1)


def hidden(html: str) -> dict[str, str]:
    found = re.findall(r'<input type="hidden" name="([^"]+)"[^>]*? value="([^"]*)"', html)
    return {name: unescape(value) for name, value in found}


def main() -> None:
    port, session, offset, count = int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    numbers = sys.argv[5:]
    kept, stale = [], 0
    for step in range(count):
        number = numbers[(offset + step) % len(numbers)]
        status, html, _ = ask(port, session, "GET", f"/mark/{number}")
        assert status == 200, (status, html[:300])
        verdict = ("accepted", "rejected", "undetermined")[(offset // 3 + step) % 3]
        while True:
            form = hidden(html) | {"verdict": verdict, "level": "maker", "pick": "0"}
            status, html, leads = ask(port, session, "POST", "/decide", urlencode(form))
            if status == 303:
                break
            assert status == 409, (status, html[:300])
            stale += 1
        kept.append(int(leads.rpartition("kept=")[2]))
    sys.stdout.write(json.dumps({"kept": kept, "stale": stale, "again": len(again)}) + "\n")


again: list[str] = []
if __name__ == "__main__":
    main()
