"""The root key is replaced: every ring is under the new one, and all of it can still be read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from app.domain.ids import INSTALLATION
from app.flows.install import Operator
from app.flows.read_notes import NotesRead, read_notes
from app.flows.renew_ring import RingRenewed, renew_ring
from app.flows.renew_root import RootRenewed, renew_root
from app.keys import RingOfAnotherRoot, RootKey, RootSeal, SoftwareKeyring
from app.records.organisation_key import StoredRing, all_rings
from tests.flows.town import Town, opened_rings
from tests.keys.hardware import HardwareRoot

ROOTS: dict[str, Callable[[Path], RootSeal]] = {
    "in a file": lambda folder: RootKey.create(folder / "next.key", "production"),
    "in hardware": lambda _: HardwareRoot(),
}


@pytest.fixture(params=ROOTS)
def new_root(request: pytest.FixtureRequest, tmp_path: Path) -> RootSeal:
    return ROOTS[request.param](tmp_path)


@pytest.fixture
def operator(town: Town) -> Operator:
    return Operator(name="ops", ring=town.rings.current(INSTALLATION))


def stored(town: Town) -> tuple[StoredRing, ...]:
    with town.store.look(at=town.at) as tx:
        return all_rings(tx)


def renew(town: Town, operator: Operator, new_root: RootSeal) -> RootRenewed:
    return renew_root(operator, new_root, at=town.at, store=town.store, keyring=town.keyring)


def under(town: Town, root: RootSeal) -> Town:
    """As the service is after a restart with that root key."""
    keyring = SoftwareKeyring(root)
    return replace(town, keyring=keyring, rings=opened_rings(town.store, keyring))


def texts(town: Town, case: str, note: str) -> list[str]:
    read = read_notes(case, [note], town.karin, **town.hands)
    assert isinstance(read, NotesRead)
    return [one.text for one in read.texts]


def test_a_note_from_before_is_read_under_the_new_root(
    town: Town, operator: Operator, new_root: RootSeal
) -> None:
    case = town.case()
    note = town.note(case)
    before = texts(town, case, note)
    done = renew(town, operator, new_root)
    assert done == RootRenewed(town.keyring.root_key_id, len(stored(town)))
    assert {ring.root_key_id for ring in stored(town)} == {new_root.key_id}
    assert texts(under(town, new_root), case, note) == before
    assert town.ops(INSTALLATION)[-1] == "root.renewed"


def test_a_service_that_runs_on_reads_and_writes_what_the_restarted_one_can_open(
    town: Town, operator: Operator, new_root: RootSeal
) -> None:
    renew(town, operator, new_root)
    case = town.case()
    note = town.note(case)
    assert texts(town, case, note) == texts(under(town, new_root), case, note)


def test_every_version_of_a_ring_comes_along(
    town: Town, operator: Operator, new_root: RootSeal
) -> None:
    assert renew_ring(
        "soc", operator, at=town.at, store=town.store, keyring=town.keyring, rings=town.rings
    ) == RingRenewed(2, begun=False)
    renew(town, operator, new_root)
    versions = [r.version for r in stored(town) if r.organisation_id == "soc"]
    assert versions == [1, 2]
    rings = under(town, new_root).rings
    assert [rings.version("soc", one).version for one in versions] == versions


def test_the_old_root_opens_no_ring_any_more(
    town: Town, operator: Operator, new_root: RootSeal
) -> None:
    renew(town, operator, new_root)
    with pytest.raises(RingOfAnotherRoot, match=new_root.key_id):
        opened_rings(town.store, town.keyring)


def test_stopped_at_any_ring_nothing_has_changed(
    town: Town, operator: Operator, new_root: RootSeal
) -> None:
    before, entries = stored(town), town.ops(INSTALLATION)
    for last in range(len(before)):
        with _StoppingAfter(town, last), pytest.raises(InterruptedError):
            renew(town, operator, new_root)
        assert stored(town) == before
        assert town.ops(INSTALLATION) == entries


class _StoppingAfter:
    """Whoever runs it is stopped after so many rings."""

    def __init__(self, town: Town, last: int) -> None:
        self._engine, self._left = town.store.engine, last

    def __enter__(self) -> None:
        event.listen(self._engine, "before_cursor_execute", self._stop)

    def __exit__(self, *_: object) -> None:
        event.remove(self._engine, "before_cursor_execute", self._stop)

    def _stop(self, _: Any, __: Any, statement: str, *___: Any) -> None:
        if statement.startswith("UPDATE organisation_key"):
            if not self._left:
                raise InterruptedError
            self._left -= 1
