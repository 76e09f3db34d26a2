"""Alterations by someone who can write every row of the database, then exported as usual."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta

from app.bench.tampering.alteration import Expected, InLog, Scene, Unsuitable, expect
from app.bench.tampering.written_log import write_log
from audit.entry import FIELDS, time_text


def flip_entry(scene: Scene) -> Expected:
    """One bit of one stored entry."""
    n = scene.place()
    row = scene.log.leaf_rows[n]
    scene.log.leaf_rows[n] = replace(row, entry=scene.flipped(row.entry))
    return expect("edited", at=n)


def flip_leaf_hash(scene: Scene) -> Expected:
    """One bit of one stored leaf hash."""
    n = scene.place()
    row = scene.log.leaf_rows[n]
    scene.log.leaf_rows[n] = replace(row, leaf_hash=scene.flipped(row.leaf_hash))
    return expect("edited", at=n)


def flip_detail(scene: Scene) -> Expected:
    """One bit of one detail's ciphertext."""
    place = (scene.place(), scene.chance.choice(FIELDS))
    row = scene.log.detail_rows[place]
    scene.log.detail_rows[place] = replace(row, body=scene.flipped(row.body))
    return expect("edited", at=place[0])


def change_result(scene: Scene) -> Expected:
    """An entry says deny where it said allow; its hash stands as it was."""
    n = scene.place()
    scene.rewrite(n, res="error")
    return expect("edited", at=n)


def change_and_rebuild(scene: Scene) -> Expected:
    """The same, with all later hashes made anew."""
    n = scene.place()
    scene.rewrite(n, res="error")
    scene.log.rebuild()
    return expect("forked", at=scene.sealed_before(n))


def change_rebuild_and_sign(scene: Scene) -> Expected:
    """The same with a stolen signing key; only a checkpoint kept outside can tell."""
    scene.held = [row.note for row in scene.log.checkpoint_rows.values()]
    n = scene.place()
    scene.rewrite(n, res="error")
    scene.log.rebuild()
    scene.log.checkpoint_rows.clear()
    scene.log.seal(scene.key)
    return expect("forked")


def move_between_organisations(scene: Scene) -> Expected:
    """An entry becomes another organisation's, and the tree is made anew."""
    n = scene.place()
    scene.rewrite(n, org="kils-skola")
    scene.log.rebuild()
    return expect("forked", "missing", "reordered", at=range(n + 1))


def change_version(scene: Scene) -> Expected:
    """An entry of another format."""
    n = scene.place()
    scene.rewrite(n, v=2)
    scene.log.rebuild()
    return expect("edited", at=n)


def date_back(scene: Scene) -> Expected:
    """An entry is given an earlier time, and the tree is made anew."""
    n = scene.place()
    scene.rewrite(n, t="2020-01-01T00:00:00.000000Z")
    scene.log.rebuild()
    return expect("reordered" if n else "forked", at=n)


def delete_one(scene: Scene) -> Expected:
    """One entry is deleted."""
    return _deleted(scene, 1, rebuild=False)


def delete_run(scene: Scene) -> Expected:
    """Neighbouring entries are deleted."""
    return _deleted(scene, scene.chance.randrange(2, 9), rebuild=False)


def delete_and_rebuild(scene: Scene) -> Expected:
    """An entry is deleted and the tree made anew; the entries keep their numbers."""
    return _deleted(scene, 1, rebuild=True)


def hide_rows(scene: Scene) -> Expected:
    """Rows and their details are hidden, as by a view in the table's place."""
    n = scene.place()
    _drop(scene, n, details=True)
    return expect("missing", "truncated", at=n)


def delete_and_renumber(scene: Scene) -> Expected:
    """An entry is deleted, all later ones renumbered, and the tree made anew."""
    n = scene.place(last=scene.size - 2)
    size = scene.size
    _drop(scene, n, details=True)
    for later in range(n + 1, size):
        row = scene.log.leaf_rows.pop(later)
        scene.log.leaf_rows[later - 1] = replace(row, n=later - 1)
        scene.rewrite(later - 1, n=later - 1)
        for name in FIELDS:
            detail = scene.log.detail_rows.pop((later, name))
            scene.log.detail_rows[later - 1, name] = replace(detail, n=later - 1)
    scene.log.rebuild()
    return expect("missing", "truncated", "forked")


def cut_tail(scene: Scene) -> Expected:
    """The last entries are deleted; their checkpoint stands."""
    n = scene.place(first=1)
    for later in range(n, scene.size):
        _drop(scene, later, details=True)
    if scene.chance.random() < 0.5:
        scene.log.rebuild()
    return expect("truncated", at=n)


def bring_back_backup(scene: Scene) -> Expected:
    """Entries and checkpoints are of an earlier day; the latest checkpoint is held outside."""
    sizes = sorted(scene.log.checkpoint_rows)
    if len(sizes) < 2:
        raise Unsuitable
    scene.held = [scene.log.checkpoint_rows[sizes[-1]].note]
    old = scene.chance.choice(sizes[:-1])
    for n in range(old, scene.size):
        _drop(scene, n, details=True)
    for size in sizes:
        if size > old:
            del scene.log.checkpoint_rows[size]
    scene.log.rebuild()
    return expect("truncated", at=old)


def drop_the_table(scene: Scene) -> Expected:
    """The log is dropped and another begun in its place, under the same key."""
    latest = scene.log.latest_checkpoint()
    scene.held = [latest.note] if latest else []
    scene.log = write_log(scene.chance, scene.key, max(1, scene.size - 3))
    return expect("truncated", "forked")


def show_another_view(scene: Scene) -> Expected:
    """Someone outside was shown another log of the same key: two views of one history."""
    other = write_log(scene.chance, scene.key, scene.size)
    latest = other.latest_checkpoint()
    scene.held = [latest.note] if latest else []
    return expect("forked")


def insert_copy(scene: Scene) -> Expected:
    """A copy of an entry with another id is pushed in, and the tree made anew."""
    n = scene.place(last=scene.size - 2)
    rows = [scene.log.leaf_rows[place] for place in range(scene.size)]
    rows.insert(n + 1, rows[n])
    scene.log.leaf_rows = {place: replace(row, n=place) for place, row in enumerate(rows)}
    scene.log.rebuild()
    return expect("double-written", at=n)


def duplicate_over_next(scene: Scene) -> Expected:
    """An entry stands in the next one's place too."""
    n = scene.place(last=scene.size - 2)
    scene.log.leaf_rows[n + 1] = replace(scene.log.leaf_rows[n], n=n + 1)
    return expect("double-written", at=n)


def write_twice(scene: Scene) -> Expected:
    """An entry stands once more at the end, numbered and sealed as if it had happened again."""
    n, last = scene.place(last=scene.size - 2), scene.size
    scene.log.leaf_rows[last] = replace(scene.log.leaf_rows[n], n=last)
    scene.rewrite(last, n=last)
    for name in FIELDS:
        scene.log.detail_rows[last, name] = replace(scene.log.detail_rows[n, name], n=last)
    scene.log.rebuild()
    scene.log.seal(scene.key)
    return expect("double-written", at=last)


def swap_neighbours(scene: Scene) -> Expected:
    """Two neighbours change places."""
    n = scene.place(last=scene.size - 2)
    return _swapped(scene, n, n + 1)


def swap_distant(scene: Scene) -> Expected:
    """Two entries change places, and the tree is made anew."""
    first, second = sorted(scene.chance.sample(range(scene.size), 2))
    expected = _swapped(scene, first, second)
    scene.log.rebuild()
    return expected


def restart_numbers(scene: Scene) -> Expected:
    """Numbers begin again at 0 in the middle of the log, as after a migration gone wrong."""
    n = scene.place(first=1)
    for later in range(n, scene.size):
        scene.rewrite(later, n=later - n)
    scene.log.rebuild()
    return expect("double-written", at=0)


def swap_two_organisations(scene: Scene) -> Expected:
    """Neighbouring entries of two organisations change places, numbers, and the tree made anew."""
    rows = scene.log.leaf_rows
    orgs = [json.loads(rows[n].entry)["org"] for n in range(scene.size)]
    n = scene.chance.choice([n for n in range(scene.size - 1) if orgs[n] != orgs[n + 1]])
    rows[n], rows[n + 1] = replace(rows[n + 1], n=n), replace(rows[n], n=n + 1)
    for place in (n, n + 1):
        scene.rewrite(place, n=place)
    for name in FIELDS:
        first, second = scene.log.detail_rows[n, name], scene.log.detail_rows[n + 1, name]
        scene.log.detail_rows[n, name] = replace(second, n=n)
        scene.log.detail_rows[n + 1, name] = replace(first, n=n + 1)
    scene.log.rebuild()
    return expect("forked", "reordered", at=range(scene.sealed_before(n).start, n + 2))


def move_time_by_a_microsecond(scene: Scene) -> Expected:
    """An entry is said to have happened one microsecond later, and the tree is made anew."""
    n = scene.place()
    told = datetime.fromisoformat(json.loads(scene.log.leaf_rows[n].entry)["t"])
    scene.rewrite(n, t=time_text(told + timedelta(microseconds=1)))
    scene.log.rebuild()
    return expect("forked", "reordered", at=range(scene.sealed_before(n).start, n + 2))


def write_last_twice(scene: Scene) -> Expected:
    """The last entry stands once more, byte for byte, and is signed."""
    last = scene.size - 1
    scene.log.leaf_rows[last + 1] = replace(scene.log.leaf_rows[last], n=last + 1)
    scene.log.rebuild()
    scene.log.seal(scene.key)
    return expect("double-written", at=last)


IN_LOG: tuple[InLog, ...] = (
    *(flip_entry, flip_leaf_hash, flip_detail, change_result),
    *(change_and_rebuild, change_rebuild_and_sign, move_between_organisations, change_version),
    *(date_back, delete_one, delete_run, delete_and_rebuild, hide_rows, delete_and_renumber),
    *(cut_tail, bring_back_backup, drop_the_table, show_another_view, insert_copy),
    *(duplicate_over_next, write_twice, swap_neighbours, swap_distant, restart_numbers),
    *(swap_two_organisations, move_time_by_a_microsecond, write_last_twice),
)


def _drop(scene: Scene, n: int, *, details: bool) -> None:
    del scene.log.leaf_rows[n]
    for name in FIELDS if details else ():
        del scene.log.detail_rows[n, name]


def _deleted(scene: Scene, run: int, *, rebuild: bool) -> Expected:
    n = scene.place()
    for gone in range(n, min(n + run, scene.size)):
        _drop(scene, gone, details=scene.chance.random() < 0.5)
    if rebuild:
        scene.log.rebuild()
    return expect("missing", "truncated", at=n)


def _swapped(scene: Scene, first: int, second: int) -> Expected:
    rows = scene.log.leaf_rows
    rows[first], rows[second] = replace(rows[second], n=first), replace(rows[first], n=second)
    return expect("reordered", at=range(first, second + 1))
