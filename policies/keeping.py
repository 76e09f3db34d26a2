"""What has been worked out is kept for the next question that is alike, within a bound."""

from __future__ import annotations

from typing import TypeVar

MOST_KEPT = 4096
"""Remembered in one place before starting afresh: more than a page has, and bounded."""

K = TypeVar("K")
V = TypeVar("V")


def kept(memory: dict[K, V], key: K, value: V) -> V:
    """The value, which is remembered under the key from here on."""
    if len(memory) >= MOST_KEPT:
        memory.clear()
    memory[key] = value
    return value
