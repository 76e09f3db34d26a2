"""A receipt proves its entry alone, offline, and nothing that was changed in it holds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from audit.__main__ import main
from audit.checkpoint import SigningKey
from audit.errors import CannotRead, ExportError
from audit.log import stored_nodes
from audit.merkle import inclusion_proof
from audit.receipt import (
    SUFFIX,
    Receipt,
    ReceiptFails,
    ReceiptHolds,
    check_receipt,
    make_receipt,
    parse_receipt,
)


@pytest.fixture
def sealed(log: Any, kit: Any, key: SigningKey) -> Any:
    for number in range(9):
        kit.write(log, number)
    kit.seal(log, key)
    return log


@pytest.fixture
def receipt(sealed: Any) -> Receipt:
    return make_receipt(sealed, 5, sealed.latest_checkpoint())


def test_every_entry_gets_a_receipt_that_holds(sealed: Any, key: SigningKey) -> None:
    for index in range(9):
        made = make_receipt(sealed, index, sealed.latest_checkpoint())
        read = parse_receipt(made.to_bytes())
        assert read == made
        checked = check_receipt(read, [key.verifier])
        assert isinstance(checked, ReceiptHolds)
        assert (checked.entry.n, checked.checkpoint.size) == (index, 9)


def test_its_form_is_that_of_the_specification(receipt: Receipt, sealed: Any) -> None:
    lines = receipt.to_bytes().decode().split("\n")
    assert lines[0] == "c2sp.org/tlog-proof@v1"
    assert lines[1].startswith("extra ")
    assert lines[2] == "index 5"
    path = inclusion_proof(5, 9, stored_nodes(sealed))
    assert lines[3 + len(path)] == ""
    assert "\n".join(lines[4 + len(path) :]).encode() == sealed.latest_checkpoint().note


def test_no_flipped_bit_holds(receipt: Receipt, key: SigningKey) -> None:
    data = receipt.to_bytes()
    for at in range(len(data)):
        changed = bytearray(data)
        changed[at] ^= 1
        try:
            checked = check_receipt(parse_receipt(bytes(changed)), [key.verifier])
        except CannotRead:
            continue
        assert isinstance(checked, ReceiptFails), f"byte {at}"


@pytest.mark.parametrize("part", ["entry", "index", "path", "checkpoint"])
def test_no_part_of_another_entrys_receipt_fits(
    part: str, receipt: Receipt, sealed: Any, kit: Any, key: SigningKey
) -> None:
    other = make_receipt(sealed, 3, sealed.latest_checkpoint())
    if part == "checkpoint":  # of another log that the same key has signed
        elsewhere = kit.log()
        for number in range(9):
            kit.write(elsewhere, number, res="deny")
        kit.seal(elsewhere, key)
        other = make_receipt(elsewhere, 5, elsewhere.latest_checkpoint())
    lines, theirs = (one.to_bytes().decode().split("\n") for one in (receipt, other))
    blank, their_blank = lines.index(""), theirs.index("")
    mixed = {
        "entry": [lines[0], theirs[1], *lines[2:]],
        "index": [*lines[:2], theirs[2], *lines[3:]],
        "path": [*lines[:3], *theirs[3:their_blank], *lines[blank:]],
        "checkpoint": [*lines[:blank], *theirs[their_blank:]],
    }[part]
    assert mixed != lines
    read = parse_receipt("\n".join(mixed).encode())
    assert isinstance(check_receipt(read, [key.verifier]), ReceiptFails)


def test_another_key_has_not_signed_it(receipt: Receipt) -> None:
    other = SigningKey("sluss.example/log", bytes([9] * 32)).verifier
    assert check_receipt(receipt, [other]) == ReceiptFails(
        "unsigned", "none of the keys given has signed this note"
    )


def test_what_is_not_sealed_has_none(sealed: Any, kit: Any) -> None:
    kit.write(sealed, 99)
    with pytest.raises(ExportError, match="not sealed yet"):
        make_receipt(sealed, 9, sealed.latest_checkpoint())
    with pytest.raises(ExportError, match="no entry 10"):
        make_receipt(sealed, 10, sealed.latest_checkpoint())


@pytest.mark.parametrize(
    "data",
    [b"", b"\xff", b"c2sp.org/tlog-proof@v1\n", b"c2sp.org/tlog-proof@v1\nindex 1\n\nnote"],
)
def test_what_is_no_receipt_is_said_so(data: bytes) -> None:
    with pytest.raises(CannotRead):
        parse_receipt(data)


def test_the_command_tells_what_it_proves(
    receipt: Receipt, key: SigningKey, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / f"entry{SUFFIX}"
    path.write_bytes(receipt.to_bytes())
    given = ["receipt", str(path), "--key", key.verifier.text()]
    assert main(given) == 0
    said = capsys.readouterr().out
    assert said.startswith("VERIFIED\nlog:    sluss.example/log, 9 entries\nentry:  5, ")
    assert main([*given, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["entry"]["n"] == 5
    path.write_bytes(receipt.to_bytes().replace(b"index 5", b"index 4"))
    assert main(given) == 1
    assert "NOT VERIFIED (not-in-log)" in capsys.readouterr().out
    path.write_bytes(b"nothing")
    assert main(given) == 2
    assert "it is no receipt" in capsys.readouterr().err
