"""Files for somebody outside: encrypted to the age public key that they have given.

age is an open format with tools for every system (`age -d -i KEY FILE`), so that whoever receives
an export needs nothing of ours to open it.
"""

from __future__ import annotations

from pathlib import Path

import pyrage


def is_age_key(text: str) -> bool:
    """Whether it is an age X25519 public key (`age1...`)."""
    try:
        pyrage.x25519.Recipient.from_str(text)
    except pyrage.RecipientError:
        return False
    return True


def encrypt_to_age(public_key: str, source: Path, target: Path) -> None:
    """Write `source` encrypted to `target`. Raises ValueError for what is no public key."""
    if not is_age_key(public_key):
        raise ValueError("not an age public key")
    recipient = pyrage.x25519.Recipient.from_str(public_key)
    pyrage.encrypt_file(str(source), str(target), [recipient])
