"""What an order leaves out of an entry's values: what somebody typed, and who else is meant.

An order without reasons gets no text that a member of staff wrote, because such texts are about
people; one without names gets nobody's id either. In the tables the value is left out. In the log's
own part the whole field is withheld, and its commitment stays, so the export verifies as before.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

_TYPED = frozenset({"why", "reason"})
"""Hold a code where the service refused by itself, and a person's words where a person did."""
_CODE = re.compile(r"[a-z][a-z0-9_]*")
_COMPOSED = frozenset({"basis", "decision", "item", "by", "items", "changed", "engine"})
"""Several codes in one text, or what a decision or a program is called; nobody types them about a
person."""
_ID = re.compile(r"[A-Za-z0-9-]+")


@dataclass(frozen=True, kw_only=True)
class Withholding:
    """What one order leaves out. `staff` are the ids of everybody who has an account."""

    staff: frozenset[str]
    staff_named: bool
    reasons_shown: bool

    def left(self, value: Mapping[str, object]) -> dict[str, object]:
        """What of an object or a detail may be shown."""
        return {key: one for key, one in value.items() if not self._hides(key, one)}

    def _hides(self, key: str, value: object) -> bool:
        return any(
            (not self.reasons_shown and _is_typed(where, text))
            or (not self.staff_named and not self.staff.isdisjoint(_ID.findall(text)))
            for where, text in _texts(key, value)
        )


def _is_typed(key: str, text: str) -> bool:
    if key in _TYPED:
        return bool(text) and not _CODE.fullmatch(text)
    return key not in _COMPOSED and bool(re.search(r"\s", text))


def _texts(key: str, value: object) -> Iterator[tuple[str, str]]:
    """Every text in it, each with the nearest name above it."""
    if isinstance(value, str):
        yield key, value
    elif isinstance(value, Mapping):
        for name, one in value.items():
            yield key, str(name)
            yield from _texts(str(name), one)
    elif isinstance(value, list):
        for one in value:
            yield from _texts(key, one)
