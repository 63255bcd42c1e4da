"""Photos made to hurt: bombs, cuts, mutants, and files that are not photos at all."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
from hostile_photos import bombs, seeds

from vision import photo as photo_module
from vision.errors import PhotoError
from vision.photo import open_photo

ROOT = Path(__file__).resolve().parents[2]
BOMBS, SEEDS = bombs(), seeds()


def child(code_or_file: list[str], timeout_s: float) -> subprocess.CompletedProcess[str]:
    """Run Python in a process of its own, as a crash or an eaten memory must not be this one's."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "tests")))}
    command = [sys.executable, *code_or_file]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=timeout_s, check=False)


def test_2000_mutants_are_opened_or_refused_without_a_crash_or_a_hang() -> None:
    done = child([str(ROOT / "tests/hostile_photos.py"), "--count", "2000", "--seed", "1"], 55)
    assert done.returncode == 0, done.stderr[-2000:]
    report = json.loads(done.stdout)
    assert sum(report["outcomes"].values()) == 2000
    assert report["outcomes"]["opened"] > 200, "the mutants must get past the structure to the decoders"
    assert report["outcomes"]["damaged"] > 200, "the mutants must do harm"
    assert report["slowest_s"] < 5
    assert report["peak_mib"] < 1024


def test_a_mutant_that_raises_anything_else_fails_the_child() -> None:
    code = "import hostile_photos as h\nh.outcome = lambda data: 1 / 0\nh.main()"
    done = child(["-c", code], 55)
    assert done.returncode != 0
    assert "mutant 0 of seed 1" in done.stderr


@pytest.mark.parametrize("name", BOMBS)
def test_bombs_are_refused_before_any_decoder_sees_them(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(photo_module, "_DECODERS", {})
    data, code = BOMBS[name]
    with pytest.raises(PhotoError) as refusal:
        open_photo(data)
    assert refusal.value.code == code


def test_all_bombs_together_cost_little_time_and_memory() -> None:
    code = """
import resource, time
from hostile_photos import bombs
from vision.errors import PhotoError
from vision.photo import open_photo
def peak(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
made, before, slowest = bombs(), peak(), 0.0
for data, _ in made.values():
    took = []
    for _ in range(3):  # the best of three: other work on the machine must not count
        began = time.process_time()
        try: open_photo(data).reduced_rgb(100)
        except PhotoError: pass
        took.append(time.process_time() - began)
    slowest = max(slowest, min(took))
print(slowest, peak() - before)
"""
    done = child(["-c", code], 55)
    assert done.returncode == 0, done.stderr[-2000:]
    slowest_s, grown_mib = map(float, done.stdout.split())
    assert slowest_s < 0.1  # 0.05 on an idle machine
    assert grown_mib < 20


@pytest.mark.parametrize("name", SEEDS)
def test_no_cut_of_a_photo_is_taken_for_the_whole(name: str) -> None:
    whole = SEEDS[name]
    assert open_photo(whole).crop_rgb((0, 0, 999, 999), 999)[0].size
    dice = random.Random(name)
    for length in [len(whole) - 1, len(whole) - 2, *(dice.randrange(1, len(whole)) for _ in range(18))]:
        with pytest.raises(PhotoError):
            open_photo(whole[:length]).crop_rgb((0, 0, 999, 999), 999)


@pytest.mark.parametrize(
    "data",
    [
        b"GIF89a" + bytes(200),
        b"P6 10 10 255\n" + bytes(300),
        b"\x59\xa6\x6a\x95" + bytes(200),  # Sun raster
        b"\0\0\0\x0cjP  \r\n\x87\n" + bytes(200),  # JPEG 2000
        b"v/1\x01" + bytes(200),  # OpenEXR
        b"#?RADIANCE\n" + bytes(200),
        b"8BPS" + bytes(200),
        b"\0\0\x01\0" + bytes(200),  # icon
        b"%!PS-Adobe-3.0 EPSF-3.0\n",
        b"%PDF-1.7\n" + bytes(200),
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"\0\0\0\x18ftypavif\0\0\0\0avifmif1" + bytes(200),
        b"\0\0\0\x18ftypisom\0\0\0\0isommp42" + bytes(200),
        b"RIFF\x10\0\0\0AVI LIST" + bytes(200),
        b"II+\0" + bytes(200),  # BigTIFF
        b"II*\0\x10\0\0\0CR\x02\0" + bytes(200),  # a Canon raw file
        b"BM" + b"\x0c\0\0\0" * 20,
        b"not a photo",
    ],
)
def test_other_formats_reach_no_decoder(data: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def decoder(*_: object, **__: object) -> None:
        raise AssertionError("a decoder saw a format outside the list")

    monkeypatch.setattr(photo_module.cv2, "imdecode", decoder)
    monkeypatch.setattr(photo_module, "_heic_primary", decoder)
    monkeypatch.setattr(photo_module, "_PILLOW", {})
    file = tmp_path / "photo.jpg"
    file.write_bytes(data)
    with pytest.raises(PhotoError) as refusal:
        open_photo(file).reduced_rgb(100)
    assert refusal.value.code == "unsupported"
    assert "Save" in refusal.value.detail


@pytest.mark.parametrize(
    "error",
    [
        ValueError("x"),
        OSError("x"),
        SyntaxError("x"),
        MemoryError(),
        photo_module.cv2.error("x"),
        photo_module.struct.error("x"),
    ],
)
def test_what_a_decoder_raises_becomes_a_refusal(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def decoder(*_: object) -> None:
        raise error

    monkeypatch.setitem(photo_module._DECODERS, "PNG", decoder)
    with pytest.raises(PhotoError) as refusal:
        open_photo(SEEDS["png"]).reduced_rgb(10)
    assert refusal.value.code == ("too_many_pixels" if isinstance(error, MemoryError) else "damaged")


def test_a_decoder_that_gives_another_size_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    small = photo_module.np.zeros((4, 4, 3), photo_module.np.uint8)
    monkeypatch.setitem(photo_module._DECODERS, "PNG", lambda *_: small)
    with pytest.raises(PhotoError, match="size"):
        open_photo(SEEDS["png"]).reduced_rgb(10)


def test_a_name_that_is_no_regular_file_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    (tmp_path / "folder.jpg").mkdir()
    (tmp_path / "loop.jpg").symlink_to("loop.jpg")
    (tmp_path / "file.txt").write_bytes(b"")
    expected = {
        tmp_path / "pipe.jpg": "not_a_file",
        tmp_path / "folder.jpg": "not_a_file",
        "/dev/zero": "not_a_file",
        tmp_path / "none.jpg": "missing",
        tmp_path / "file.txt" / "x.jpg": "missing",
        tmp_path / "loop.jpg": "unreadable",
        tmp_path / ("x" * 4096): "unreadable",
        "a\0b.jpg": "missing",
        "": "missing",
        "http://example.org/photo.jpg": "missing",
        tmp_path / "file.txt": "empty",
    }
    for name, code in expected.items():
        with pytest.raises(PhotoError) as refusal:
            open_photo(name)
        assert refusal.value.code == code, name
        assert str(tmp_path) not in refusal.value.detail


def test_a_socket_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    monkeypatch.chdir(tmp_path)  # the name of a socket may have only 108 bytes
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("s.jpg")
        with pytest.raises(PhotoError) as refusal:
            open_photo("s.jpg")
    assert refusal.value.code == "not_a_file"


def test_a_name_that_is_not_utf_8_is_opened(tmp_path: Path) -> None:
    name = os.fsdecode(os.fsencode(tmp_path) + b"/\xff\xfe.jpg")
    Path(name).write_bytes(SEEDS["jpeg"])
    assert open_photo(name).photo.path == name


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_photo_of_100_megapixels_fits_in_one_gibibyte(kind: str, tmp_path: Path) -> None:
    code = f"""
import numpy as np, resource, sys
from PIL import Image
rng = np.random.default_rng(1)
Image.fromarray(rng.integers(0, 255, (1250, 1250, 3), dtype=np.uint8)).resize((10_000, 10_000)).save(
    {str(tmp_path / "big")!r}, {kind!r}, compress_level=1)
"""
    assert child(["-c", code], 300).returncode == 0
    code = f"""
import resource
from vision.photo import open_photo
photo = open_photo({str(tmp_path / "big")!r})
photo.reduced_rgb(1600), photo.crop_rgb((4000, 4000, 4600, 4600), 700)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""
    done = child(["-c", code], 300)
    assert done.returncode == 0, done.stderr[-2000:]
    assert int(done.stdout) < 1024
