"""No key and no clear text gets out by a repr, a format, a pickle, a copy or a traceback."""

from __future__ import annotations

import copy
import pickle
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.keys import (
    CaseKey,
    Ring,
    Rings,
    RootKey,
    SealBroken,
    SoftwareKeyring,
    event_sealer,
    new_case_key,
    seal_delivery,
)
from app.keys.secret import Secret

CLEAR = b"Alva bor hos mormor"


@pytest.fixture(scope="module")
def holders(root: RootKey, keyring: SoftwareKeyring, ring: Ring, case_key: CaseKey) -> list[object]:
    delivery = seal_delivery("org-1", 1, ring.public_key, "d", CLEAR, CLEAR)
    return [
        root,
        keyring,
        ring,
        Rings([ring]),
        case_key,
        ring.detail_sealer(),
        event_sealer(ring, case_key),
        ring.open_delivery(delivery),
        ring._fields,
    ]


def _secrets_in(holder: object) -> Iterator[bytes]:
    """Every byte string that the object keeps in a slot, except public keys."""
    for kind in type(holder).__mro__:
        for slot in getattr(kind, "__slots__", ()):
            value = getattr(holder, slot)
            if isinstance(value, bytes) and slot != "public_key":
                yield value


def _shown(holder: object) -> list[str]:
    return [repr(holder), str(holder), f"{holder}", f"{[holder]}", f"{holder!r:>10}"]


def test_no_text_form_of_a_holder_shows_what_it_holds(holders: list[object]) -> None:
    for holder in holders:
        text = " ".join(_shown(holder))
        for secret in _secrets_in(holder):
            assert secret.hex() not in text
            assert repr(secret)[2:-1] not in text
            assert secret.decode("latin-1") not in text


def test_a_holder_is_shown_by_its_ids(holders: list[object]) -> None:
    shown = {repr(holder) for holder in holders}
    assert {"<Ring org-1, version 1>", "<CaseKey case-1>", "<DeliveryContent not shown>"} <= shown


@pytest.mark.parametrize(
    "taken_out", [pickle.dumps, copy.copy, copy.deepcopy, vars, lambda one: one.__getstate__()]
)
def test_no_holder_lets_its_state_be_taken_out(
    holders: list[object], taken_out: Callable[[object], object]
) -> None:
    for holder in holders:
        with pytest.raises(TypeError):
            taken_out(holder)


def test_every_class_of_secrets_keeps_them_in_slots() -> None:
    unslotted = [kind.__name__ for kind in _all_kinds(Secret) if "__slots__" not in vars(kind)]
    assert unslotted == []


def _all_kinds(kind: type) -> Iterator[type]:
    for below in kind.__subclasses__():
        yield below
        yield from _all_kinds(below)


def test_the_sealed_rows_do_not_fill_a_log_with_ciphertext(
    ring: Ring, case_key: CaseKey, keyring: SoftwareKeyring
) -> None:
    rows: list[object] = [
        case_key.seal_note("n", 1, "o", CLEAR, CLEAR),
        seal_delivery("org-1", 1, ring.public_key, "d", CLEAR, CLEAR),
        new_case_key("case-1", "org-1", 1, ring.public_key)[1],
        keyring.new_ring("org-1"),
    ]
    assert max(len(repr(row)) for row in rows) < 120


def test_the_traceback_of_a_broken_seal_holds_neither_key_nor_text(
    case_key: CaseKey, other_case_key: CaseKey
) -> None:
    sealed = case_key.seal_text("subject", "row-1", CLEAR)
    with pytest.raises(SealBroken) as raised:
        other_case_key.open_text("subject", "row-1", sealed)
    told = "".join(traceback.format_exception(raised.value))
    assert "InvalidTag" not in told
    assert "Alva" not in told


def test_the_root_key_keeps_no_byte_of_its_file(root: RootKey, key_path: Path) -> None:
    created = RootKey.create(key_path, "production")
    assert list(_secrets_in(created)) == []
