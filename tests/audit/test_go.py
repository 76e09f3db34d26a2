"""Another implementation reads the log: Go's own sumdb packages, from Debian, offline.

They accept each checkpoint and proof that we make, and refuse one flipped bit in any of them.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from audit.checkpoint import DASH, split_note
from audit.errors import NoteError
from audit.log import stored_nodes
from audit.merkle import consistency_proof, inclusion_proof
from audit.signer import Signed, SignerState
from audit.signer_keys import SignerFiles, create_signer_keys

SOURCE = Path(__file__).parent / "sumdb" / "main.go"
GOPATH = "/usr/share/gocode"
SIZES = (1, 2, 3, 7, 8, 33, 64)

Ask = Callable[[Sequence[dict[str, Any]]], list[str]]
pytestmark = pytest.mark.go


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory) -> Ask:
    folder = tmp_path_factory.mktemp("go")
    offline = {"GO111MODULE": "off", "GOFLAGS": "-mod=mod", "GOPROXY": "off", "CGO_ENABLED": "0"}
    places = {"GOPATH": GOPATH, "GOCACHE": str(folder / "cache"), "HOME": str(folder)}
    built = subprocess.run(
        ["go", "build", "-o", str(folder / "sumdb"), str(SOURCE)],
        env={"PATH": os.environ["PATH"], **offline, **places},
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr

    def asked(questions: Sequence[dict[str, Any]]) -> list[str]:
        done = subprocess.run(
            [str(folder / "sumdb")],
            input="\n".join(json.dumps(one, default=_b64) for one in questions),
            capture_output=True,
            text=True,
            check=True,
        )
        answers = done.stdout.splitlines()
        assert len(answers) == len(questions)
        return answers

    return asked


@pytest.fixture
def signed(log: Any, kit: Any, tmp_path: Path) -> tuple[str, dict[int, bytes]]:
    """The log's Ed25519 vkey, and what the service's own signer signed at each size."""
    files = SignerFiles(tmp_path / "key", SignerState(tmp_path / "state"))
    keys = create_signer_keys(files.key, files.state.path, name="sluss.example/log", at=kit.start)
    notes = {}
    for number in range(1, SIZES[-1] + 1):
        kit.write(log, number)
        if number in SIZES:
            outcome = files.sign(log, kit.start)
            assert isinstance(outcome, Signed)
            notes[number] = outcome.note
    return keys[0].key.text(), notes


def test_go_accepts_every_checkpoint_and_refuses_a_flipped_bit(ask: Ask, signed: Any) -> None:
    key, notes = signed
    assert ask([{"Key": key, "Note": note} for note in notes.values()]) == ["ok"] * len(SIZES)
    note = notes[33]
    # The line under ML-DSA-44 is one that Go does not know, and so rightly ignores.
    unknown = max(note.decode().splitlines(keepends=True), key=len)
    assert unknown.startswith(DASH)
    start = note.index(unknown.encode())
    own = [at for at in range(len(note)) if not start <= at < start + len(unknown.encode())]
    flipped = [{"Key": key, "Note": flip(note, at, bit)} for at in own for bit in (0, 5)]
    accepted = [
        asked["Note"] for asked, said in zip(flipped, ask(flipped), strict=True) if said == "ok"
    ]
    assert len(flipped) > 300
    # Go reads base64 with stray bits in its last character as if they were not there. It is the
    # same signature; we refuse the second spelling of it.
    assert len(accepted) <= 1
    for other in accepted:
        with pytest.raises(NoteError, match="stray"):
            split_note(other)


def test_go_accepts_every_inclusion_proof_and_refuses_a_flipped_bit(
    ask: Ask, signed: Any, log: Any
) -> None:
    key, notes = signed
    leaves = [row.entry for row in log.leaves(0, SIZES[-1])]
    fetch = stored_nodes(log)
    good = [
        {
            "Key": key,
            "Note": notes[size],
            "Entry": leaves[index],
            "Index": index,
            "Path": inclusion_proof(index, size, fetch),
        }
        for size in SIZES
        for index in range(size)
    ]
    assert ask(good) == ["ok"] * len(good)
    bad = [
        question | {"Path": flipped_in(question["Path"], place)}
        for question in good
        for place in range(len(question["Path"]))
    ]
    bad += [question | {"Entry": flip(question["Entry"], 9, 0)} for question in good]
    bad += [question | {"Index": question["Index"] ^ 1} for question in good[1:]]
    assert "ok" not in ask(bad)


def test_go_accepts_every_consistency_proof_and_refuses_a_flipped_bit(
    ask: Ask, signed: Any, log: Any
) -> None:
    key, notes = signed
    fetch = stored_nodes(log)
    good = [
        {
            "Key": key,
            "Note": notes[new],
            "Old": notes[old],
            "Path": consistency_proof(old, new, fetch),
        }
        for old in SIZES
        for new in SIZES
        if old < new
    ]
    assert ask(good) == ["ok"] * len(good)
    bad = [
        question | {"Path": flipped_in(question["Path"], place)}
        for question in good
        for place in range(len(question["Path"]))
    ]
    bad += [question | {"Note": question["Old"], "Old": question["Note"]} for question in good]
    assert "ok" not in ask(bad)


def flip(data: bytes, at: int, bit: int) -> bytes:
    changed = bytearray(data)
    changed[at] ^= 1 << bit
    return bytes(changed)


def flipped_in(path: list[bytes], place: int) -> list[bytes]:
    return [flip(item, 31, 7) if at == place else item for at, item in enumerate(path)]


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()
