"""Spoiling a package and trying to read it: what came of one mutant, in words."""

from __future__ import annotations

import os
import random
from pathlib import Path

import numpy as np

from vision.errors import KitError
from vision.manifest import write_manifest
from vision.read.stamped import StampedReader
from vision.training.package import Package, verify_package
from vision.training.package.tensors import read_tensors

FILES = (
    "weights/stamped.onnx",
    "weights/stamped.safetensors",
    "labels.json",
    "card.md",
    "package.json",
    "manifest.json",
)
STARTS = (b"\x80\x04\x95", b"PK\x03\x04", b"\xff\xfe", b"{", b"[" * 2000, b"\x00" * 8, b"\xff" * 8, b"#!/bin/sh\n", b"")


def spoilt(data: bytes, rng: random.Random) -> bytes:
    """data changed in one to four places."""
    for _ in range(rng.randrange(1, 5)):
        at, way = rng.randrange(len(data) + 1), rng.randrange(8)
        if way == 0 and at < len(data):
            data = data[:at] + bytes([data[at] ^ 1 << rng.randrange(8)]) + data[at + 1 :]
        elif way == 1:
            data = data[:at] + rng.randbytes(1) + data[at + 1 :]
        elif way == 2:
            data = data[:at] + rng.randbytes(rng.randrange(1, 40)) + data[at:]
        elif way == 3:
            data = data[:at]
        elif way == 4:
            data = data[:at] + data[at + rng.randrange(1, 60) :]
        elif way == 5:
            data = rng.choice(STARTS) + data[rng.randrange(9) :]
        elif way == 6:
            data = data[: at // 2] + data[at // 2 : at] * rng.randrange(2, 4) + data[at:]
        else:
            number = rng.choice((0, 1, -1, 2**31 - 1, 2**63 - 1, 10**30, "null", "NaN", '"x"', "[]", "{}"))
            data = data[:at] + str(number).encode() + data[at + 1 :]
    return data


def tried(folder: Path, rng: random.Random, *, fitting: bool) -> str:
    """Spoil one file of the package, read everything, put it back; what came of it, "failure" first where it is one."""
    name = rng.choice(FILES[:-1] if fitting else FILES)
    path = folder / name
    before, manifest = path.read_bytes(), (folder / "manifest.json").read_bytes()
    files = sorted(os.listdir(folder))
    mutant = spoilt(before, rng)
    try:
        path.write_bytes(mutant)
        if fitting:
            write_manifest(folder)
        outcome = outcome_of(folder)
    finally:
        path.write_bytes(before)
        (folder / "manifest.json").write_bytes(manifest)
    if sorted(os.listdir(folder)) != files:
        return f"failure: a file appeared ({name})"
    if outcome == "read" and not fitting and mutant != before and name != "manifest.json":
        return f"failure: {name} was changed and nobody saw"
    return (
        outcome
        if outcome.startswith("failure")
        else f"{outcome}: {name}, manifest {'made to fit' if fitting else 'kept'}"
    )


def outcome_of(folder: Path) -> str:
    """What reading the package comes to: "refused", "read", or a failure."""
    try:
        package = verify_package(folder)
        if not isinstance(package, Package) or not all(isinstance(label, str) for label in package.labels):
            return "failure: of another type"
        tensors, _ = read_tensors(folder / "weights/stamped.safetensors")
        if not all(isinstance(t, np.ndarray) for t in tensors.values()):
            return "failure: no arrays"
        StampedReader(folder / "weights/stamped.onnx")
    except KitError as fault:
        return "refused" if str(fault) and "\x1b" not in str(fault) else "failure: says nothing"
    except Exception as fault:  # noqa: BLE001 - what this looks for is any other error
        return f"failure: {type(fault).__name__}: {fault}"[:160]
    return "read"
