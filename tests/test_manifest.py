import hashlib
import json
from pathlib import Path

import pytest

from vision.errors import KitError
from vision.manifest import file_sha256, models_folder, verify_manifest, write_manifest


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "weights").mkdir()
    (tmp_path / "weights" / "reader.onnx").write_bytes(b"weights")
    (tmp_path / "card.md").write_text("a card")
    write_manifest(tmp_path)
    return tmp_path


def test_the_shipped_models_match_their_manifest():
    assert len(verify_manifest(models_folder())) == 64


def test_a_fresh_manifest_verifies_and_gives_its_own_hash(folder):
    assert verify_manifest(folder) == file_sha256(folder / "manifest.json")
    listed = json.loads((folder / "manifest.json").read_text())["files"]
    assert sorted(listed) == ["card.md", "weights/reader.onnx"]
    assert listed["card.md"]["sha256"] == hashlib.sha256(b"a card").hexdigest()


def test_writing_twice_gives_the_same_bytes(folder):
    before = (folder / "manifest.json").read_bytes()
    write_manifest(folder)
    assert (folder / "manifest.json").read_bytes() == before


def test_a_changed_file_is_named(folder):
    (folder / "weights" / "reader.onnx").write_bytes(b"wEights")
    with pytest.raises(KitError, match=r"weights/reader\.onnx differs"):
        verify_manifest(folder)


def test_a_missing_file_is_named(folder):
    (folder / "card.md").unlink()
    with pytest.raises(KitError, match=r"card\.md is in manifest\.json but not"):
        verify_manifest(folder)


def test_a_file_nobody_listed_is_named(folder):
    (folder / "stray.onnx").write_bytes(b"?")
    with pytest.raises(KitError, match=r"stray\.onnx is not in manifest\.json"):
        verify_manifest(folder)


def test_a_link_is_refused(folder):
    (folder / "link.onnx").symlink_to(folder / "card.md")
    with pytest.raises(KitError, match=r"link\.onnx is a link"):
        verify_manifest(folder)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"files": {"card.md": 3}}', '{"files": []}'])
def test_a_broken_manifest_is_refused(folder, text):
    (folder / "manifest.json").write_text(text)
    with pytest.raises(KitError, match=r"manifest\.json cannot be read"):
        verify_manifest(folder)
