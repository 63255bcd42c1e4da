"""Photos in an S3-compatible object store: the same as in a folder. The server is moto's, on this machine."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from archive import decoding, s3ing
from archive.raying import TOO_BUSY
from archive.shelves import contents
from archive.test_cluster import needs_ray

from vision.archive.source import root_of
from vision.archive.store import open_store
from vision.archive.tag import local_engine, tag
from vision.archive.worker import Job

pytestmark = pytest.mark.skipif(
    bool(s3ing.LACKING),
    reason=f"no S3 server or driver here: {', '.join(s3ing.LACKING)} come with pip install '.[dev]'",
)

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
URL = "s3://finds/2024"
COMMAND = (
    "import sys, vision.archive.examine as e; e.MAKE = 'archive.decoding:make'; "
    "from vision.cli import run; sys.exit(run(sys.argv[1:]))"
)
READ = (
    "import sys; from vision.archive import source; from vision.errors import PhotoError\n"
    "try: source.read(sys.argv[1])\n"
    "except PhotoError as fault: print(fault.code, fault)"
)


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three examples, one of them twice, with a damaged one, below two folders."""
    folder = tmp_path_factory.mktemp("photos")
    (folder / "deep").mkdir()
    for path in sorted(EXAMPLES.glob("*.jpg"))[:3]:
        shutil.copy(path, folder)
    shutil.copy(sorted(folder.glob("*.jpg"))[0], folder / "deep" / "copy.JPG")
    (folder / "deep" / "damaged.jpg").write_bytes(b"\xff\xd8\xff no more")
    return folder


@pytest.fixture(scope="module")
def served(photos: Path) -> Iterator[dict[str, str]]:
    with s3ing.serving(photos) as environment:
        yield environment


def command(environment: dict[str, str], *arguments: object) -> subprocess.CompletedProcess[str]:
    """marktrace with the examiner that only decodes, in a process of its own."""
    line = [sys.executable, "-c", COMMAND, *map(str, arguments)]
    return subprocess.run(line, capture_output=True, text=True, env=environment, timeout=300)


def stored(path: Path, root: str) -> list[tuple[str, str]]:
    """What a store holds, the place where its photos lie left out."""
    with open_store(str(path)) as store:
        return [(a.replace(root, "ROOT"), b.replace(root, "ROOT")) for a, b in contents(store)]


@pytest.fixture(scope="module")
def from_folder(photos: Path, tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, str]]:
    """What the engine local stores of the same photos in a folder."""
    path = tmp_path_factory.mktemp("local") / "finds.db"
    job = Job(decoding.MAKE)
    with open_store(str(path), create=True) as store:
        tag(store, [root_of(str(photos))], job, local_engine(job, 1))
    return stored(path, str(photos))


def test_a_bucket_is_tagged_as_a_folder_is_byte_for_byte_and_once(
    served: dict[str, str], from_folder: list[tuple[str, str]], tmp_path: Path
) -> None:
    arguments = ("tag", URL, "--store", tmp_path / "finds.db", "--jobs", 1)
    done = command(served, *arguments)
    assert done.returncode == 6, done.stderr
    assert "5 photos: 4 tagged (3 now), 1 failed, 0 waiting, 1 copy." in done.stderr
    assert stored(tmp_path / "finds.db", URL) == from_folder
    assert "4 tagged (0 now)" in command(served, *arguments).stderr


@pytest.mark.slow
@needs_ray
def test_a_cluster_reads_the_bucket_and_stores_the_same(
    served: dict[str, str], from_folder: list[tuple[str, str]], tmp_path: Path
) -> None:
    line = [sys.executable, "-m", "archive.raying", str(tmp_path / "ray.db"), URL, "{}", decoding.MAKE, "60"]
    done = subprocess.run(line, capture_output=True, text=True, env=served, timeout=600)
    if done.returncode == TOO_BUSY:
        pytest.skip("Ray gave up starting a machine within its 30 seconds, twice: this computer is too busy")
    assert done.returncode == 0, done.stderr[-3000:]
    assert json.loads(done.stdout.splitlines()[-1]) == {"examined": 4, "failed": 1, "machines": 2}
    assert stored(tmp_path / "ray.db", URL) == from_folder


WRONG = {
    "another bucket": ("s3://nosuch/2024", {}, 5, "cannot be listed: The specified bucket does not exist"),
    "another folder": ("s3://finds/2023", {}, 1, "There is nothing under s3://finds/2023."),
    "no keys": (URL, {"AWS_ACCESS_KEY_ID": ""}, 5, "cannot be listed: Unable to locate credentials. Check"),
    "no server": (URL, {"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}, 5, "cannot be listed: Could not connect to the"),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_is_wrong_with_a_bucket_is_said_and_nothing_is_stored(
    served: dict[str, str], tmp_path: Path, what: str
) -> None:
    url, changed, status, said = WRONG[what]
    environment = {
        k: v
        for k, v in (served | changed | {"AWS_EC2_METADATA_DISABLED": "true", "AWS_MAX_ATTEMPTS": "1"}).items()
        if v
    }
    environment |= {"HOME": str(tmp_path)}  # where nobody keeps keys
    done = command(environment, "tag", url, "--store", tmp_path / "finds.db", "--jobs", 1)
    assert done.returncode == status, done.stderr
    assert said in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr
    assert "hunter2" not in done.stderr
    assert stored(tmp_path / "finds.db", url) == []


def test_a_photo_of_a_server_that_has_gone_fails_and_says_what_to_do(served: dict[str, str]) -> None:
    gone = served | {"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}
    line = [sys.executable, "-c", READ, f"{URL}/deep/copy.JPG"]
    done = subprocess.run(line, capture_output=True, text=True, env=gone, timeout=120)
    assert done.stdout.startswith("unreadable The object store does not give it: Could not connect"), done.stderr
    assert done.stdout.endswith("See that it can be reached, then use --retry-failed.\n")


def test_an_object_that_is_not_there_is_gone(served: dict[str, str]) -> None:
    line = [sys.executable, "-c", READ, f"{URL}/none.jpg"]
    done = subprocess.run(line, capture_output=True, text=True, env=served, timeout=120)
    assert done.stdout == "missing The file is gone since the folder was looked through.\n", done.stderr
