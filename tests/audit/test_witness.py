"""A witness, run from the copied folder alone, signs only what has grown from what it signed."""

from __future__ import annotations

import base64
import http.client
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cryptography
import pytest

import audit
from audit.__main__ import main
from audit.checkpoint import Checkpoint, SigningKey, open_note, sign_note, split_note
from audit.cosignature import CosignerKey, parse_cosigner_key
from audit.errors import KeyFileError, NoteError
from audit.export import write_export
from audit.key_list import KnownKey
from audit.log import stored_nodes
from audit.merkle import consistency_proof
from audit.witness import KEY, LOGS, PUBLIC, STATE, Answer, Witness, create_witness, open_witness
from audit.witness_request import PROOF_CAP, Request
from audit.witness_server import SIZE_TYPE, WitnessServer
from audit.witnessing import Cosigned, NotCosigned, WitnessAt, ask_witness, parse_witness

NAME = "karlstad.example/vittne"


@dataclass
class Grown:
    """A log of ten entries, with a checkpoint at every size."""

    log: Any
    notes: dict[int, bytes]

    def proof(self, old: int, new: int) -> list[bytes]:
        return consistency_proof(old, new, stored_nodes(self.log))

    def request(self, old: int, new: int) -> Request:
        return Request(old, tuple(self.proof(old, new)), self.notes[new])


@pytest.fixture
def grown(log: Any, kit: Any, key: SigningKey) -> Grown:
    notes = {}
    for number in range(1, 11):
        kit.write(log, number)
        notes[number] = kit.seal(log, key)
    return Grown(log, notes)


@pytest.fixture
def folder(tmp_path: Path, key: SigningKey) -> Path:
    create_witness(tmp_path / "witness", name=NAME, logs=[KnownKey(key.verifier)])
    return tmp_path / "witness"


@pytest.fixture
def witness(folder: Path) -> Witness:
    return open_witness(folder)


@pytest.fixture
def ask(witness: Witness, kit: Any) -> Callable[[Request], Answer]:
    return lambda request: witness.answer(request.to_bytes(), kit.start)


def public(folder: Path) -> list[CosignerKey]:
    return [parse_cosigner_key(line) for line in (folder / PUBLIC).read_text().splitlines()]


def test_it_signs_a_log_that_grows_under_both_algorithms(
    ask: Any, grown: Grown, folder: Path
) -> None:
    old = 0
    for new in (1, 4, 4, 7, 10):
        answer = ask(grown.request(old, new))
        assert (answer.status, len(answer.lines)) == (200, 2)
        signed = grown.notes[new] + "".join(line.text() for line in answer.lines).encode()
        assert len(open_note(signed, public(folder)).signed_by) == 2
        old = new


def test_it_tells_where_it_stands(ask: Any, grown: Grown) -> None:
    assert ask(grown.request(0, 7)).status == 200
    for request in (grown.request(0, 9), grown.request(8, 9)):
        answer = ask(request)
        assert (answer.status, answer.size) == (409, 7)


def test_it_refuses_a_rollback(ask: Any, grown: Grown) -> None:
    assert ask(grown.request(0, 7)).status == 200
    assert ask(grown.request(3, 5)).status == 409
    assert ask(replace(grown.request(3, 5), old=7)).status == 400


def test_it_refuses_another_log_of_the_same_size_and_one_that_follows_it(
    ask: Any, grown: Grown, kit: Any, key: SigningKey
) -> None:
    assert ask(grown.request(0, 7)).status == 200
    other = kit.log()
    for number in range(1, 8):
        kit.write(other, number, op="note.written")
    fork = kit.seal(other, key)
    assert ask(Request(7, (), fork)).status == 409
    kit.write(other, 8)
    proof = tuple(consistency_proof(7, 8, stored_nodes(other)))
    assert ask(Request(7, proof, kit.seal(other, key))).status == 422
    assert ask(grown.request(7, 8)).status == 200, "the true log goes on"


def test_a_proof_that_was_changed_is_none(ask: Any, grown: Grown) -> None:
    assert ask(grown.request(0, 7)).status == 200
    good = grown.request(7, 10)
    assert ask(replace(good, proof=good.proof[:-1])).status == 422
    assert ask(replace(good, proof=(*good.proof, bytes(32)))).status == 422
    assert ask(replace(good, proof=(bytes(32), *good.proof[1:]))).status == 422
    assert ask(good).status == 200


def test_what_it_does_not_know_or_cannot_read_is_refused(
    witness: Witness, grown: Grown, kit: Any, key: SigningKey
) -> None:
    def status(data: bytes) -> int:
        return witness.answer(data, kit.start).status

    good = grown.request(0, 7)
    stranger = SigningKey("other.example/log", bytes(32))
    text = Checkpoint(stranger.name, 1, bytes(32)).text()
    assert status(Request(0, (), sign_note(text, [stranger])).to_bytes()) == 404
    thief = SigningKey(key.name, bytes([9] * 32))
    unsigned = sign_note(split_note(good.note)[0], [thief])
    assert status(Request(0, (), unsigned).to_bytes()) == 403
    line = grown.notes[8].decode().splitlines(keepends=True)[-1]
    false = good.note.decode().rpartition("\n\n")[0] + "\n\n" + line
    assert status(Request(0, (), false.encode()).to_bytes()) == 403
    one = base64.b64encode(bytes(32)) + b"\n"
    for data in (
        b"",
        b"\xff\n\n",
        good.to_bytes().replace(b"old 0", b"old 00"),
        good.to_bytes().replace(b"old 0", b"old -1"),
        b"old 0\n" + good.note,
        b"old 0\nAAAA\n\n" + good.note,
        b"old 1\n" + one * (PROOF_CAP + 1) + b"\n" + good.note,
        b"old 0\n\nnothing",
    ):
        assert status(data) == 400, data[:40]
    assert status(good.to_bytes()) == 200


def test_it_keeps_what_it_signs_before_it_answers(
    witness: Witness, grown: Grown, kit: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("audit.witness.write_whole", full)
    with pytest.raises(OSError, match="No space"):
        witness.answer(grown.request(0, 7).to_bytes(), kit.start)
    monkeypatch.undo()
    answer = witness.answer(grown.request(3, 7).to_bytes(), kit.start)
    assert (answer.status, answer.size) == (409, 0), "nothing was taken for signed"


@pytest.mark.parametrize("spoil", ["gone", "edited", "another log", "not signed"])
def test_a_state_that_is_not_its_own_is_never_begun_anew(
    spoil: str, folder: Path, grown: Grown, kit: Any
) -> None:
    witness = open_witness(folder)
    witness.answer(grown.request(0, 7).to_bytes(), kit.start)
    close_again(folder)
    state = folder / STATE
    if spoil == "gone":
        state.unlink()
    elif spoil == "edited":
        state.write_text(state.read_text().replace("\\n7\\n", "\\n6\\n"))
    elif spoil == "another log":
        state.write_text("[]")
    else:
        state.write_text('{"sluss.example/log": "none"}')
    with pytest.raises(KeyFileError):
        open_witness(folder)


def test_a_second_one_on_the_same_folder_is_refused(folder: Path, witness: Witness) -> None:
    with pytest.raises(KeyFileError, match="another witness"):
        open_witness(folder)


def test_its_keys_are_its_own(folder: Path) -> None:
    (folder / KEY).chmod(0o644)
    with pytest.raises(KeyFileError, match="chmod 600"):
        open_witness(folder)
    with pytest.raises(KeyFileError, match="exists already"):
        create_witness(folder, name=NAME, logs=[])
    (folder / KEY).chmod(0o600)
    (folder / LOGS).write_text("")
    close_again(folder)
    with pytest.raises(KeyFileError, match="names no log"):
        open_witness(folder)


def close_again(folder: Path) -> None:
    """As if the process that held the folder had ended: its lock is on a file that is gone."""
    (folder / f"{STATE}.lock").unlink(missing_ok=True)


@contextmanager
def serving(witness: Witness, kit: Any) -> Iterator[tuple[str, list[str]]]:
    said: list[str] = []
    with WitnessServer(
        witness, ("127.0.0.1", 0), clock=lambda: kit.start, say=said.append
    ) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}", said
        finally:
            server.shutdown()
            thread.join()


def client(url: str, folder: Path, grown: Grown) -> Callable[..., Cosigned | NotCosigned]:
    at = WitnessAt(url, public(folder)[0])
    return lambda size, old=0, note=None: ask_witness(
        at, note or grown.notes[size], old=old, prove=grown.proof, wait_seconds=10
    )


def test_over_http_a_log_gets_signatures_and_is_told_of_a_contradiction(
    witness: Witness, folder: Path, grown: Grown, kit: Any, key: SigningKey
) -> None:
    with serving(witness, kit) as (url, said):
        ask = client(url, folder, grown)
        assert isinstance(ask(3), Cosigned)
        assert isinstance(ask(7, 3), Cosigned)
        assert isinstance(ask(9), Cosigned), "it says that it stands at 7, and is asked again"
        assert [line[:3] for line in said] == ["200", "200", "409", "200"]
        back = ask(5)
        assert isinstance(back, NotCosigned)
        assert back.reason == "contradicts"
        text = Checkpoint(key.name, 9, bytes(32)).text()
        fork = ask(9, 9, sign_note(text, [key]))
        assert isinstance(fork, NotCosigned)
        assert fork.reason == "contradicts"


def test_over_http_the_answers_are_those_of_the_specification(
    witness: Witness, grown: Grown, kit: Any
) -> None:
    with serving(witness, kit) as (url, _):
        there = http.client.HTTPConnection(url.removeprefix("http://"), timeout=10)

        def post(data: bytes, path: str = "/add-checkpoint") -> tuple[int, str | None, bytes]:
            there.request("POST", path, data)
            got = there.getresponse()
            return got.status, got.getheader("Content-Type"), got.read()

        assert post(grown.request(0, 7).to_bytes())[0] == 200  # and the connection is kept
        assert post(grown.request(0, 9).to_bytes()) == (409, SIZE_TYPE, b"7\n")
        assert post(b"nothing")[0] == 400
        assert post(b"", "/elsewhere")[0] == 404
        there.close()


def test_over_http_whoever_looks_at_it_is_told_what_it_is(witness: Witness, kit: Any) -> None:
    with serving(witness, kit) as (url, _):
        there = http.client.HTTPConnection(url.removeprefix("http://"), timeout=10)

        def ask(method: str, path: str) -> tuple[int, str | None, str]:
            there.request(method, path)
            got = there.getresponse()
            assert got.getheader("Content-Type") == "text/plain; charset=utf-8"
            assert (got.getheader("Server") or "").strip() == "sluss-witness"
            return got.status, got.getheader("Allow"), got.read().decode()

        status, _, text = ask("GET", "/")
        assert status == 200
        assert text.startswith(f"This is the witness {NAME}. It countersigns a log")
        assert "sluss.example" not in text, "whose log it signs is not told"
        assert ask("HEAD", "/") == (200, None, "")
        assert ask("GET", "/?x=1")[0] == 200
        assert ask("GET", "/add-checkpoint")[:2] == (405, "POST")
        assert ask("PUT", "/add-checkpoint")[:2] == (405, "POST")
        assert ask("DELETE", "/")[:2] == (405, "GET, HEAD")
        assert ask("GET", "/elsewhere")[0] == 404
        assert ask("BREW", "/") == (501, None, "not implemented\n")
        there.close()


def test_over_http_a_byte_now_and_then_holds_no_place_for_ever(
    witness: Witness, kit: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("audit.witness_server._LONGEST_SECONDS", 0.5)
    with serving(witness, kit) as (url, _):
        host, port = url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=10) as there:
            there.sendall(b"POST /add-checkpoint HTTP/1.1\r\nContent-Length: 100000\r\n\r\n")
            # Whoever sends goes on; the witness hangs up all the same.
            with suppress(OSError):
                for _ in range(200):
                    there.sendall(b"x")
                    if there in select.select([there], [], [], 0.05)[0]:
                        break
            assert b"200" not in there.recv(4096)


def test_over_http_a_length_of_thousands_of_digits_is_answered(witness: Witness, kit: Any) -> None:
    with serving(witness, kit) as (url, _):
        host, port = url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=10) as there:
            there.sendall(b"POST /add-checkpoint HTTP/1.1\r\nContent-Length: ")
            there.sendall(b"9" * 5000 + b"\r\n\r\n")
            assert b" 400 " in there.recv(4096)


def test_over_http_what_is_no_request_is_answered_without_repeating_it(
    witness: Witness, kit: Any
) -> None:
    with serving(witness, kit) as (url, _):
        host, port = url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=10) as there:
            there.sendall(b"<script>alert(1)</script> / x y HTTP/1.1\r\n\r\n")
            got = b"".join(iter(lambda: there.recv(4096), b""))
        assert b"bad request" in got
        assert b"script" not in got


def test_a_false_or_missing_answer_is_no_signature(
    witness: Witness, folder: Path, grown: Grown, kit: Any, tmp_path: Path, key: SigningKey
) -> None:
    create_witness(tmp_path / "other", name=NAME, logs=[KnownKey(key.verifier)])
    with serving(witness, kit) as (url, _):
        other = client(url, tmp_path / "other", grown)(3)
        assert isinstance(other, NotCosigned)
        assert other.reason == "false"
    gone = client(url, folder, grown)(3)
    assert isinstance(gone, NotCosigned)
    assert gone.reason == "unreachable"


def test_an_export_is_held_against_the_witnesses_asked_for(
    witness: Witness,
    folder: Path,
    grown: Grown,
    kit: Any,
    key: SigningKey,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def verified(name: str) -> tuple[int, str]:
        write_export(grown.log, tmp_path / name, opener=kit.open, keys=[key.verifier])
        given = ["verify", str(tmp_path / name), "--key", key.verifier.text()]
        return main([*given, "--witness", str(folder / PUBLIC)]), capsys.readouterr().out

    def put(size: int, more: bytes) -> None:
        row = grown.log.checkpoint_rows[size]
        grown.log.checkpoint_rows[size] = replace(row, note=grown.notes[size] + more)

    def line(size: int, old: int) -> bytes:
        lines = witness.answer(grown.request(old, size).to_bytes(), kit.start).lines
        return "".join(one.text() for one in lines).encode()

    assert verified("none")[0] == 1
    put(7, line(7, 0))
    code, said = verified("part")
    assert code == 1
    assert "unsigned-tail at entry 7" in said
    full = line(10, 7)
    put(10, full)
    code, said = verified("all")
    assert code == 0, said
    assert "witness:  10 of 10 entries" in said
    put(10, line(10, 10).replace(b" ", b" ", 1)[:-20] + b"AAAAAAAAAAAAAAAAAAA\n")
    assert verified("false")[0] == 1


def test_a_witness_in_the_configuration_is_an_address_and_a_key(folder: Path) -> None:
    key = public(folder)[0]
    assert parse_witness(f"http://127.0.0.1:8090/ {key.text()}") == WitnessAt(
        "http://127.0.0.1:8090", key
    )
    for text in ("", key.text(), f"ftp://x {key.text()}", "http://127.0.0.1 x"):
        with pytest.raises(NoteError):
            parse_witness(text)


def test_from_the_copied_folder_alone_it_survives_being_killed(
    grown: Grown, key: SigningKey, tmp_path: Path
) -> None:
    alone = tmp_path / "alone"
    shutil.copytree(
        Path(audit.__file__).parent,
        alone / "audit",
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    installed = Path(cryptography.__file__).parents[1]
    for pattern in ("cryptography", "cffi", "_cffi_backend*", "pycparser"):
        for path in installed.glob(pattern):
            (alone / path.name).symlink_to(path)
    (tmp_path / "log.vkey").write_text(key.verifier.text() + "\n")
    command = [sys.executable, "-S", "-P", "-m", "audit", "witness"]
    env = {"PYTHONPATH": str(alone), "PYTHONWARNINGS": "error", "PATH": os.environ["PATH"]}
    made = [*command, "init", "vittne", "--name", NAME, "--log", "log.vkey"]
    subprocess.run(made, cwd=tmp_path, env=env, check=True, capture_output=True)

    @contextmanager
    def running() -> Iterator[Callable[..., Cosigned | NotCosigned]]:
        process = subprocess.Popen(
            [*command, "serve", "vittne", "--port", "0"],
            cwd=tmp_path,
            env=env,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stderr is not None
        try:
            url = process.stderr.readline().split()[2]
            yield client(url, tmp_path / "vittne", grown)
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait()
            process.stderr.close()

    with running() as ask:
        assert isinstance(ask(7), Cosigned)
    with running() as ask:
        back = ask(5)
        assert isinstance(back, NotCosigned)
        assert back.reason == "contradicts"
        assert isinstance(ask(10, 7), Cosigned)
