"""Alterations of what was sealed of an entry: who, what and the rest; and of their commitments."""

from __future__ import annotations

import json
import unicodedata
from dataclasses import replace
from typing import cast

from app.bench.tampering.alteration import Expected, InLog, Scene, Unsuitable, expect
from app.bench.tampering.written_log import open_row, seal_row
from audit.canonical import canonical
from audit.entry import DETAIL_CAP, FIELDS, Field, OpenedDetail
from audit.log import DetailRow


def change_actor(scene: Scene) -> Expected:
    """Someone else is said to have done it."""
    return _redetailed(scene, "actor", b"staff-", b"stafg-")


def change_object(scene: Scene) -> Expected:
    """It is said to have been about something else."""
    return _redetailed(scene, "object", b"note-", b"notf-")


def spell_in_other_form(scene: Scene) -> Expected:
    """A text in another Unicode form, which looks the same."""
    one = "Förälder"
    return _redetailed(scene, "detail", one.encode(), unicodedata.normalize("NFD", one).encode())


def move_detail(scene: Scene) -> Expected:
    """A ciphertext is moved from one entry to another."""
    n, other = scene.chance.sample(range(scene.size), 2)
    name = scene.chance.choice(FIELDS)
    moved = scene.log.detail_rows[other, name]
    scene.log.detail_rows[n, name] = replace(moved, n=n)
    return expect("edited", at=n)


def move_commitment(scene: Scene) -> Expected:
    """Two entries exchange who acted, and the tree is made anew."""
    n, other = scene.chance.sample(range(scene.size), 2)
    first, second = (json.loads(scene.log.leaf_rows[place].entry) for place in (n, other))
    scene.rewrite(n, ca=second["ca"])
    scene.rewrite(other, ca=first["ca"])
    scene.log.rebuild()
    return expect("edited", at=n)


def erase_silently(scene: Scene) -> Expected:
    """A detail is deleted and no entry says so."""
    n = scene.place()
    del scene.log.detail_rows[n, scene.chance.choice(FIELDS)]
    return expect("erased-without-entry", at=n)


def change_salt(scene: Scene) -> Expected:
    """What was said stands, and its salt is another."""
    n, name = scene.place(), scene.chance.choice(FIELDS)
    row = scene.log.detail_rows[n, name]
    opened = _opened(row)
    salted = OpenedDetail(scene.chance.randbytes(len(opened.salt)), opened.body)
    scene.log.detail_rows[n, name] = seal_row(row, salted)
    return expect("edited", at=n)


def swap_commitments_within_an_entry(scene: Scene) -> Expected:
    """Two commitments of one entry change places, and the tree is made anew."""
    n = scene.place()
    first, second = scene.chance.sample(("ca", "co", "cd"), 2)
    entry = json.loads(scene.log.leaf_rows[n].entry)
    scene.rewrite(n, **{first: entry[second], second: entry[first]})
    scene.log.rebuild()
    return expect("edited", at=n)


def replace_all_details(scene: Scene) -> Expected:
    """All three details of an entry become another's, sealed as if they were its own."""
    n, other = scene.chance.sample(range(scene.size), 2)
    for name in FIELDS:
        theirs = _opened(scene.log.detail_rows[other, name])
        scene.log.detail_rows[n, name] = seal_row(scene.log.detail_rows[n, name], theirs)
    return expect("edited", at=n)


def renumber_in_case(scene: Scene) -> Expected:
    """An entry is given another number in its case."""
    having = [n for n in range(scene.size) if b'"k":' in scene.log.detail_rows[n, "object"].body]
    if not having:
        raise Unsuitable
    n = scene.chance.choice(having)
    row = scene.log.detail_rows[n, "object"]
    opened = _opened(row)
    value = opened.value()
    body = canonical({**value, "k": cast("int", value["k"]) + 1}, limit=DETAIL_CAP)
    scene.log.detail_rows[n, "object"] = seal_row(row, OpenedDetail(opened.salt, body))
    return expect("edited", at=n)


def swap_key_ids(scene: Scene) -> Expected:
    """Two details are said to be sealed under each other's key; neither opens."""
    rows = scene.log.detail_rows
    first, second = scene.chance.sample(sorted(rows), 2)
    rows[first], rows[second] = (
        replace(rows[first], key_id=f"{rows[second].key_id}-of-another"),
        replace(rows[second], key_id=f"{rows[first].key_id}-of-another"),
    )
    return expect("edited", at=first[0])


IN_DETAILS: tuple[InLog, ...] = (
    *(change_actor, change_object, spell_in_other_form, move_detail, move_commitment),
    *(erase_silently, change_salt, swap_commitments_within_an_entry, replace_all_details),
    *(renumber_in_case, swap_key_ids),
)


def _opened(row: DetailRow) -> OpenedDetail:
    opened = open_row(row)
    if not isinstance(opened, OpenedDetail):
        raise Unsuitable
    return opened


def _redetailed(scene: Scene, name: Field, old: bytes, new: bytes) -> Expected:
    having = [n for n in range(scene.size) if old in scene.log.detail_rows[n, name].body]
    if not having:
        raise Unsuitable
    n = scene.chance.choice(having)
    row = scene.log.detail_rows[n, name]
    scene.log.detail_rows[n, name] = replace(row, body=row.body.replace(old, new, 1))
    return expect("edited", at=n)
