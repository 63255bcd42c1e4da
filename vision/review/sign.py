"""Ed25519 signatures over heads: who holds the private key noted this head, and nobody else could have.

A key is a file of 32 random bytes as hex, which only its owner can read. What is signed is the head's count, sha256 and
time, joined by single spaces, behind the word marktrace-head.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

from vision.errors import MissingError, OutputError, UsageError
from vision.review.log import Head


def new_key(path: Path) -> str:
    """Make a key, write it to a new file that only its owner can read, and return the public key as hex.

    Raises OutputError when the file exists or cannot be written: a key is never overwritten.
    """
    key = _keys().Ed25519PrivateKey.generate()
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as stream:
            stream.write(key.private_bytes_raw().hex() + "\n")
    except OSError as fault:
        raise OutputError(f"Cannot write the key {path}: {fault.strerror}.") from fault
    public: str = key.public_key().public_bytes_raw().hex()
    return public


def signed(head: Head, key_file: Path) -> Head:
    """The head with the signature of a key. Raises UsageError when the file is not a key."""
    return replace(head, signature=_read_key(key_file).sign(_message(head)).hex(), public_key=public_key_of(key_file))


def public_key_of(key_file: Path) -> str:
    """The public half of a key, as hex. Raises UsageError when the file is not a key."""
    public: str = _read_key(key_file).public_key().public_bytes_raw().hex()
    return public


def is_signed_by(head: Head, public_key: str) -> bool:
    """Whether the head carries a signature that this key (hex) made over it as it stands."""
    keys = _keys()
    from cryptography.exceptions import InvalidSignature

    try:
        public = keys.Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key))
        public.verify(bytes.fromhex(head.signature), _message(head))
    except (InvalidSignature, ValueError):
        return False
    return True


def _message(head: Head) -> bytes:
    return f"marktrace-head {head.count} {head.sha256} {head.time}".encode()


def _read_key(path: Path) -> Any:
    keys = _keys()
    try:
        return keys.Ed25519PrivateKey.from_private_bytes(bytes.fromhex(path.read_text("ascii").strip()))
    except (OSError, ValueError) as fault:
        raise UsageError(f"{path} is not a signing key (64 hex digits).") from fault


def _keys() -> ModuleType:
    try:
        from cryptography.hazmat.primitives.asymmetric import ed25519
    except ImportError as fault:
        raise MissingError("Signing needs the package cryptography: pip install 'marktrace[review]'.") from fault
    return ed25519
