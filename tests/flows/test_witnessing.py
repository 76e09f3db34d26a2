"""Partners countersign the log of an installation; an entry is witnessed when a quorum has."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from sqlalchemy import update

from app.flows.review_trail import Trail, review_trail
from app.flows.seal_log import seal_log
from app.flows.witness_log import witness_log, witnessed_size
from app.records.audit_log import StoredLog, latest_checkpoint
from app.records.cosignature import checkpoint_cosignature
from app.signer_commands import keep_witnessing
from audit.checkpoint import Checkpoint, sign_note, split_note
from audit.cosignature import parse_cosigner_key
from audit.export import write_export
from audit.key_list import KnownKey
from audit.signer import Signed, SignerState
from audit.signer_keys import SignerFiles, create_signer_keys, load_signer_keys
from audit.verify import verify_export
from audit.witness import PUBLIC, create_witness, open_witness
from audit.witness_request import Request
from audit.witness_server import WitnessServer
from audit.witnessing import WitnessAt, Witnesses
from tests.flows.town import Town

NAMES = ("karlstad.example/w", "torsby.example/w", "region.example/w")


class Stopped(Exception):
    """The signer was told to stop."""


@dataclass
class Partners:
    town: Town
    signer: SignerFiles
    keys: list[KnownKey]
    witnesses: Witnesses
    servers: list[WitnessServer]

    def seal(self) -> int:
        signed = seal_log(self.signer, at=self.town.at, store=self.town.store)
        assert isinstance(signed, Signed)
        return signed.checkpoint.size

    def witness(self, witnesses: Witnesses | None = None) -> object:
        return witness_log(witnesses or self.witnesses, at=self.town.at, store=self.town.store)

    def size(self) -> int:
        with self.town.store.look(at=self.town.at) as tx:
            return witnessed_size(tx, self.keys, self.witnesses)


@pytest.fixture
def partners(town: Town, tmp_path: Path) -> Iterator[Partners]:
    files = SignerFiles(tmp_path / "key", SignerState(tmp_path / "state"))
    keys = create_signer_keys(files.key, files.state.path, name="test.example/log", at=town.at)
    known, servers = [], []
    with ExitStack() as stack:
        for place, name in enumerate(NAMES):
            folder = tmp_path / f"witness-{place}"
            create_witness(folder, name=name, logs=keys)
            server = stack.enter_context(
                WitnessServer(
                    open_witness(folder),
                    ("127.0.0.1", 0),
                    clock=lambda: town.at,
                    say=lambda _line: None,
                )
            )
            thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
            thread.start()
            stack.callback(thread.join)
            stack.callback(server.shutdown)
            vkey = (folder / PUBLIC).read_text().splitlines()[0]
            url = f"http://127.0.0.1:{server.server_address[1]}"
            known.append(WitnessAt(url, parse_cosigner_key(vkey)))
            servers.append(server)
        yield Partners(town, files, keys, Witnesses(tuple(known), 2), servers)


def test_an_entry_is_witnessed_when_a_quorum_has_signed(partners: Partners) -> None:
    town = partners.town
    case = town.case()
    sealed = partners.seal()
    assert partners.size() == 0
    partners.witness(Witnesses(partners.witnesses.known[:1], 1))
    assert partners.size() == 0, "one is not two"
    assert partners.witness() is not None
    assert partners.size() == sealed
    assert partners.witness() is None, "nobody is left to ask"
    town.note(case)
    trail = review_trail(
        case, town.chief, log_keys=partners.keys, witnesses=partners.witnesses, **town.hands
    )
    assert isinstance(trail, Trail)
    assert (trail.sealed_to, trail.witnessed_to) == (sealed, sealed)
    partners.seal()
    partners.witness()
    assert partners.size() > sealed


def test_one_that_is_away_stops_nobody_and_is_asked_again(partners: Partners) -> None:
    away = replace(partners.witnesses.known[0], url="http://127.0.0.1:9")
    town, (_, *others) = partners.town, partners.witnesses.known
    town.case()
    sealed = partners.seal()
    done = partners.witness(Witnesses((away, *others), 2))
    assert [one.reason for one in done.refused] == ["unreachable"]  # type: ignore[attr-defined]
    assert partners.size() == sealed
    done = partners.witness()
    assert done.signed == NAMES[:1]  # type: ignore[attr-defined]


def test_a_line_that_somebody_wrote_in_the_database_counts_for_nothing(partners: Partners) -> None:
    town = partners.town
    town.case()
    partners.seal()
    partners.witness()
    assert partners.size() > 0
    with town.store.begin(at=town.at) as tx:
        row = latest_checkpoint(tx)
        assert row is not None
        line = split_note(row.note)[1][0].text()
        tx.execute(update(checkpoint_cosignature).values(line=line))
    assert partners.size() == 0


def test_a_log_that_was_rewritten_is_told_aloud(
    partners: Partners, capsys: pytest.CaptureFixture[str]
) -> None:
    town = partners.town
    town.case()
    size = partners.seal()
    keys = load_signer_keys(partners.signer.key, partners.signer.state)
    other = Checkpoint(keys.key.name, size, bytes(32))
    signed = sign_note(
        other.text(), [keys.key], [one.cosign(other, town.at) for one in keys.beside]
    )
    for server in partners.servers:
        answer = server.witness.answer(Request(0, (), signed).to_bytes(), town.at)
        assert answer.status == 200

    def once(_seconds: float) -> None:
        raise Stopped

    with pytest.raises(Stopped):
        keep_witnessing(partners.witnesses, town.store, clock=lambda: town.at, sleep=once)
    said = capsys.readouterr().err
    assert said.count("put back or rewritten") == len(NAMES)
    assert partners.size() == 0


def test_an_export_holds_the_witnesses_lines(partners: Partners, tmp_path: Path) -> None:
    town = partners.town
    town.case()
    partners.seal()
    partners.witness()
    with town.store.look(at=town.at) as tx:
        write_export(
            StoredLog(tx),
            tmp_path / "export",
            opener=lambda _row: "withheld",
            keys=partners.keys,
        )
    witnesses = [one.key for one in partners.witnesses.known]
    report = verify_export(
        tmp_path / "export", partners.keys, witnesses=witnesses, quorum=3, unvouched=True
    )
    assert report.verified, report.words()
    assert report.witnessed == report.sealed > 0


def test_an_export_ends_where_the_witnesses_have_signed(partners: Partners, tmp_path: Path) -> None:
    town = partners.town
    town.case()
    sealed = partners.seal()
    partners.witness()
    town.case(reference="SN 2026/0002")
    partners.seal()
    witnesses = [one.key for one in partners.witnesses.known]
    for sealed_to, good in ((None, False), (sealed, True)):
        folder = tmp_path / str(sealed_to)
        with town.store.look(at=town.at) as tx:
            write_export(
                StoredLog(tx, sealed_to=sealed_to),
                folder,
                opener=lambda _row: "withheld",
                keys=partners.keys,
                kind="organisation",
                of="soc",
            )
        report = verify_export(folder, partners.keys, witnesses=witnesses, quorum=3, unvouched=True)
        assert report.verified is good, report.words()
    assert (report.sealed, report.witnessed) == (sealed, sealed)
