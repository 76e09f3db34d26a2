"""A witness whose disk fails at any one call: what it signed it remembers, and goes on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from audit.checkpoint import Checkpoint, SigningKey, sign_note
from audit.key_list import KnownKey
from audit.merkle import Frontier, consistency_proof, leaf_hash
from audit.witness import create_witness, open_witness
from audit.witness_request import Request
from tests.crashes.injecting import FAULTS, each_point

pytestmark = pytest.mark.strace
AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
KEY = SigningKey("test.example/log", bytes(range(32)))


class Grown:
    """A log that grows by one entry each time, in memory."""

    def __init__(self) -> None:
        self.frontier, self.nodes = Frontier(), {}

    def request(self) -> Request:
        """The next checkpoint, from the one before it."""
        old = self.frontier.size
        digest = leaf_hash(str(old).encode())
        self.nodes[(0, old)] = digest
        self.frontier, completed = self.frontier.append(digest)
        self.nodes |= dict(completed)
        return self.again(old)

    def again(self, old: int) -> Request:
        """The newest checkpoint, from another one."""
        size = self.frontier.size
        note = sign_note(Checkpoint(KEY.name, size, self.frontier.root()).text(), [KEY])
        proof = consistency_proof(old, size, lambda coords: [self.nodes[one] for one in coords])
        return Request(old, tuple(proof), note)


@pytest.mark.parametrize("fault", FAULTS)
def test_it_signs_only_what_it_has_kept(fault: str, tmp_path: Path) -> None:
    folder, log = tmp_path / "witness", Grown()
    create_witness(folder, name="partner.example/w", logs=[KnownKey(KEY.verifier)])
    signed = 0
    request = log.request()

    def prepare() -> Callable[[], str]:
        witness = open_witness(folder)
        return lambda: str(witness.answer(request.to_bytes(), AT).status)

    points = 0
    for outcome in each_point(fault, prepare, tmp_path):
        points += 1
        assert outcome.said in ("200", "fault builtins.OSError"), outcome
        witness = open_witness(folder)
        size = log.frontier.size
        other = sign_note(Checkpoint(KEY.name, size, bytes(32)).text(), [KEY])
        stands = witness.answer(Request(size, (), other).to_bytes(), AT)
        assert stands.status == 409, "it signs no other log of that size"
        assert stands.size in (signed, size)
        if outcome.said == "200":
            assert stands.size == size, "what it signed it remembers"
        assert witness.answer(log.again(stands.size).to_bytes(), AT).status == 200
        signed = size
        request = log.request()
        del witness
        (folder / "state.json.lock").unlink()
    assert points > 0, "no call could be made to fail"
