"""An S3-compatible object store on this machine, in a process of its own, since tests open no network connection.

python -m archive.s3ing FOLDER     # the bucket finds with the folder's files below 2024/: says its address, and
                                   # serves until nobody listens any more
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

BUCKET = "finds"
KEYS = {"AWS_ACCESS_KEY_ID": "tester", "AWS_SECRET_ACCESS_KEY": "hunter2", "AWS_DEFAULT_REGION": "us-east-1"}
NEEDED = ("boto3", "flask", "flask_cors", "moto", "s3fs")
LACKING = [name for name in NEEDED if find_spec(name) is None]


def main(folder: str) -> None:
    """Serve a folder's files until standard input ends."""
    import boto3
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    address = f"http://{host}:{port}"
    client = boto3.client("s3", endpoint_url=address)
    client.create_bucket(Bucket=BUCKET)
    for path in sorted(Path(folder).rglob("*")):
        if path.is_file():
            client.put_object(Bucket=BUCKET, Key=f"2024/{path.relative_to(folder)}", Body=path.read_bytes())
    sys.stdout.write(address + "\n")
    sys.stdout.flush()
    sys.stdin.read()
    server.stop()


@contextmanager
def serving(folder: Path) -> Iterator[dict[str, str]]:
    """The environment with which marktrace finds an object store of a folder's files, as long as it is served."""
    places = os.pathsep.join([str(Path(__file__).parents[1]), str(Path(__file__).parents[2])])
    environment = os.environ | KEYS | {"PYTHONPATH": places}
    line = [sys.executable, "-m", "archive.s3ing", str(folder)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(line, env=environment, **pipes) as server:
        assert server.stdout is not None
        address = server.stdout.readline().strip()
        try:
            assert address.startswith("http://127.0.0.1:"), server.communicate()[1][-3000:]
            yield environment | {"AWS_ENDPOINT_URL": address}
        finally:
            server.communicate()  # closes its standard input, and waits for its end


if __name__ == "__main__":
    main(sys.argv[1])
