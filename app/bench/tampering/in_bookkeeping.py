"""Alterations of what stands beside the entries: counters, nodes, head, checkpoints, keys."""

from __future__ import annotations

from dataclasses import replace

from app.bench.tampering.alteration import Expected, InLog, Scene, Unsuitable, expect
from app.bench.tampering.written_log import ORIGIN, append_to
from audit.checkpoint import SigningKey
from audit.merkle import Frontier, cover

_ABOVE_A_TILE = 8
"""The level of the nodes that the second row of tiles holds."""


def drop_latest_checkpoint(scene: Scene) -> Expected:
    """The latest checkpoint is gone, and everything is exported all the same."""
    del scene.log.checkpoint_rows[max(scene.log.checkpoint_rows)]
    scene.with_unsigned = True
    return expect("unsigned-tail", at=max(scene.log.checkpoint_rows, default=0))


def sign_with_other_key(scene: Scene) -> Expected:
    """Every checkpoint is signed by a stranger."""
    scene.log.checkpoint_rows.clear()
    scene.log.seal(SigningKey(ORIGIN, scene.chance.randbytes(32)))
    return expect("unsigned-tail", at=0)


def give_other_public_key(scene: Scene) -> Expected:
    """Whoever verifies was handed a public key that is not the log's."""
    scene.keys = [SigningKey(ORIGIN, scene.chance.randbytes(32)).verifier]
    return expect("unsigned-tail", at=0)


def list_checkpoint_elsewhere(scene: Scene) -> Expected:
    """A checkpoint is listed under another size."""
    n = scene.chance.choice(list(scene.log.checkpoint_rows))
    scene.log.checkpoint_rows[n] = replace(scene.log.checkpoint_rows[n], n=n + 1)
    return expect("edited")


def flip_checkpoint(scene: Scene) -> Expected:
    """One bit of the text of one checkpoint."""
    n = scene.chance.choice(list(scene.log.checkpoint_rows))
    row = scene.log.checkpoint_rows[n]
    text, lines = row.note.split(b"\n\n")
    note = scene.flipped(text) + b"\n\n" + lines
    scene.log.checkpoint_rows[n] = replace(row, note=note)
    return expect("edited")


def change_counter(scene: Scene) -> Expected:
    """The stored counter of an organisation or a case is altered before the next entry."""
    scope = scene.chance.choice(sorted(scene.log.counters))
    before = scene.log.counters[scope]
    scene.log.counters[scope] = scene.chance.choice((before + 1, before - 1))
    n = append_to(scene.log, scene.chance, scope)
    scene.log.seal(scene.key)
    return expect("missing", "reordered", at=range(n + 1))


def sign_under_another_name(scene: Scene) -> Expected:
    """Every checkpoint is of a log by another name, which somebody with the key has signed."""
    scene.log.checkpoint_rows.clear()
    scene.log.seal(SigningKey("elsewhere.example/log", scene.key.seed))
    return expect("unsigned-tail", at=0)


def put_signers_memory_back(scene: Scene) -> Expected:
    """Log and the signer's memory are put back, other things happen, and it is signed again."""
    sizes = sorted(scene.log.checkpoint_rows)
    old = scene.chance.choice(sizes[:-1])
    scene.held = [scene.log.checkpoint_rows[sizes[-1]].note]
    for size in sizes:
        if size > old:
            del scene.log.checkpoint_rows[size]
    scene.rewrite(scene.chance.randrange(old, scene.size), res="error")
    scene.log.rebuild()
    scene.log.seal(scene.key)
    return expect("forked", at=old)


def change_node(scene: Scene) -> Expected:
    """A stored hash above the entries is altered, and they are not."""
    nodes = scene.log.node_rows
    used = [at for at in cover(0, scene.size) if at in nodes]
    used += [at for at in nodes if at[0] == _ABOVE_A_TILE]
    if not used:
        raise Unsuitable
    at = scene.chance.choice(used)
    nodes[at] = scene.flipped(nodes[at])
    return expect("edited", "forked")


def change_head(scene: Scene) -> Expected:
    """The head row is altered, and the next entry is added to that and signed."""
    head = scene.log.head_row
    scene.log.head_row = replace(head, frontier=scene.flipped(head.frontier))
    append_to(scene.log, scene.chance, None)
    scene.log.seal(scene.key)
    return expect("edited", "forked")


def shorten_head(scene: Scene) -> Expected:
    """The head row says that there are fewer entries than were signed."""
    size = scene.chance.randrange(1, scene.size)
    frontier = Frontier()
    for n in range(size):
        frontier, _ = frontier.append(scene.log.leaf_rows[n].leaf_hash)
    scene.log.head_row = replace(scene.log.head_row, n=size, frontier=frontier.to_bytes())
    return expect("truncated", at=size)


IN_BOOKKEEPING: tuple[InLog, ...] = (
    *(flip_checkpoint, drop_latest_checkpoint, sign_with_other_key, give_other_public_key),
    *(list_checkpoint_elsewhere, change_counter, sign_under_another_name),
    *(put_signers_memory_back, change_node, change_head, shorten_head),
)
