"""The opened rings of an installation, held while the service runs.

All are opened at start-up, so that a ring that cannot be opened stops the service there and not
in the middle of somebody's work.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

from app.keys.errors import KeyFault
from app.keys.ring import Ring
from app.keys.secret import Secret


class Rings(Secret):
    """Opened rings by organisation. The newest version seals; every version can open."""

    __slots__ = ("_again", "_current", "_versions")

    def __init__(
        self, rings: Iterable[Ring], again: Callable[[], Iterable[Ring]] | None = None
    ) -> None:
        """`again` reads all rings anew. It is asked when one is wanted that is not here, because a
        ring may be renewed, or an organisation added, while the service runs."""
        self._again = again
        self._take(rings)

    def _take(self, rings: Iterable[Ring]) -> None:
        versions = {(ring.organisation_id, ring.version): ring for ring in rings}
        current: dict[str, Ring] = {}
        for (organisation_id, _), ring in sorted(versions.items()):
            current[organisation_id] = ring
            ring.stands_among(partial(self.version, organisation_id))
        self._versions, self._current = versions, current

    def read_again(self) -> None:
        """Take in what has been added or renewed since; nothing where there is no way to."""
        if self._again is not None:
            self._take(self._again())

    def _named(self) -> str:
        return f"{len(self._current)} organisations"

    def current(self, organisation_id: str) -> Ring:
        """The newest ring of an organisation. Raises KeyFault when it has none."""
        if organisation_id not in self._current:
            self.read_again()
        ring = self._current.get(organisation_id)
        if ring is None:
            raise KeyFault(
                f"organisation {organisation_id} has no key ring; make one with `sluss init` or "
                "restore the database that holds it"
            )
        return ring

    def version(self, organisation_id: str, version: int) -> Ring:
        """One version of a ring, for what was sealed under it. Raises KeyFault when it is gone."""
        if (organisation_id, version) not in self._versions:
            self.read_again()
        ring = self._versions.get((organisation_id, version))
        if ring is None:
            raise KeyFault(
                f"version {version} of the key ring of organisation {organisation_id} is missing; "
                "restore it from a backup before anything sealed under it is opened"
            )
        return ring
