"""Long lists are shown fifty at a time: which fifty, and what the next begin with."""

from __future__ import annotations

from collections.abc import Sequence

PAGE = 50


def block_with(key: str, keys: Sequence[str]) -> tuple[slice, str | None]:
    """The fifty among which `key` is, and the first key of the next fifty, if there are more.

    The first fifty where it is not there: what stood on a page may be gone, or have moved.
    """
    at = keys.index(key) if key in keys else 0
    begin = at - at % PAGE
    end = begin + PAGE
    return slice(begin, end), keys[end] if end < len(keys) else None
