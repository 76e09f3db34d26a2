"""A checkpoint is stamped with the time by a service on loopback, run by OpenSSL."""

from __future__ import annotations

import shutil
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from app.flows.seal_log import seal_log
from app.flows.timestamp_log import NotStamped, Stamped, StampService, timestamp_log
from app.records.audit_log import StoredLog
from app.records.timestamp import timestamps_upto
from audit.export import write_export
from audit.key_list import KnownKey
from audit.signer import Signed, SignerState
from audit.signer_keys import SignerFiles, create_signer_keys
from audit.verify import verify_export
from tests.flows.town import Town

pytestmark = pytest.mark.openssl
_TSA = """
[req]
distinguished_name = name
[name]
[tsa]
default_tsa = here
[here]
serial = serial
crypto_device = builtin
signer_cert = tsa.pem
signer_key = tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha512
accuracy = secs:1
ess_cert_id_chain = no
ess_cert_id_alg = sha256
[ext]
extendedKeyUsage = critical, timeStamping
[ca]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
"""


@dataclass
class Authority:
    """A certificate authority and a time stamping service under it, in a folder."""

    folder: Path
    asked: int = 0

    def make(self) -> None:
        (self.folder / "tsa.cnf").write_text(_TSA)
        (self.folder / "serial").write_text("01\n")
        new = ("req", "-newkey", "rsa:2048", "-nodes", "-config", "tsa.cnf")
        self.run(
            *new,
            *("-x509", "-days", "30", "-subj", "/CN=Test root"),
            *("-keyout", "ca.key", "-out", "ca.pem", "-extensions", "ca"),
        )
        self.run(*new, *("-subj", "/CN=Test stamps", "-keyout", "tsa.key", "-out", "tsa.csr"))
        self.run(
            *("x509", "-req", "-in", "tsa.csr", "-CA", "ca.pem", "-CAkey", "ca.key"),
            *("-CAcreateserial", "-days", "30", "-out", "tsa.pem"),
            *("-extfile", "tsa.cnf", "-extensions", "ext"),
        )

    def answer(self, query: bytes) -> bytes:
        self.asked += 1
        (self.folder / "query").write_bytes(query)
        self.run("ts", "-reply", "-config", "tsa.cnf", "-queryfile", "query", "-out", "answer")
        return (self.folder / "answer").read_bytes()

    def run(self, *arguments: str) -> None:
        done = subprocess.run(
            ["openssl", *arguments], cwd=self.folder, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    made = Authority(tmp_path_factory.mktemp("tsa"))
    made.make()
    return made


@pytest.fixture
def service(authority: Authority) -> Iterator[StampService]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.headers["Content-Type"] == "application/timestamp-query"
            answer = authority.answer(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        roots = (authority.folder / "ca.pem").read_bytes()
        url = f"http://127.0.0.1:{server.server_address[1]}/tsa"
        yield StampService(url, roots, timedelta(hours=24))
        server.shutdown()
        thread.join()


@dataclass
class Signer:
    town: Town
    files: SignerFiles
    keys: list[KnownKey]

    def seal(self) -> int:
        signed = seal_log(self.files, at=self.town.at, store=self.town.store)
        assert isinstance(signed, Signed)
        return signed.checkpoint.size

    def export(self, folder: Path) -> None:
        with self.town.store.look(at=self.town.at) as tx:
            write_export(
                StoredLog(tx),
                folder,
                opener=lambda _row: "withheld",
                keys=self.keys,
                stamps=timestamps_upto(tx, StoredLog(tx).head().n),
            )


@pytest.fixture
def signer(town: Town, tmp_path: Path) -> Signer:
    files = SignerFiles(tmp_path / "key", SignerState(tmp_path / "state"))
    keys = create_signer_keys(files.key, files.state.path, name="test.example/log", at=town.at)
    return Signer(town, files, keys)


def test_the_newest_checkpoint_is_stamped_once_a_day(
    town: Town, signer: Signer, service: StampService, authority: Authority
) -> None:
    now = datetime.now(UTC)

    def stamp(after: timedelta = timedelta(0), *, asked: bool = False) -> object:
        return timestamp_log(service, at=now + after, store=town.store, now=asked)

    assert stamp() is None, "there is nothing to stamp yet"
    town.case()
    size = signer.seal()
    done = stamp()
    assert isinstance(done, Stamped)
    assert done.size == size
    assert abs(done.at - now) < timedelta(minutes=5)
    before = authority.asked
    assert stamp(timedelta(hours=30)) is None, "the log has not grown"
    town.case(reference="SN 2026/2")
    signer.seal()
    assert stamp(timedelta(hours=23)) is None, "it is not time"
    assert authority.asked == before
    assert isinstance(stamp(asked=True), Stamped)
    town.case(reference="SN 2026/3")
    signer.seal()
    assert isinstance(stamp(timedelta(hours=25)), Stamped)


def test_an_answer_that_cannot_be_trusted_is_not_kept(
    town: Town,
    signer: Signer,
    service: StampService,
    authority: Authority,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    town.case()
    signer.seal()

    def stamp(service: StampService) -> str:
        done = timestamp_log(service, at=datetime.now(UTC), store=town.store)
        assert isinstance(done, NotStamped)
        return done.why

    other = Authority(tmp_path)
    other.make()
    stranger = replace(service, roots=(tmp_path / "ca.pem").read_bytes())
    assert "can be trusted" in stamp(stranger)
    old = authority.answer((authority.folder / "query").read_bytes())
    monkeypatch.setattr(authority, "answer", lambda _query: old)
    assert "can be trusted" in stamp(service), "an old answer to another question"
    monkeypatch.setattr(authority, "answer", lambda _query: b"nothing")
    assert "can be trusted" in stamp(service)
    assert "does not answer" in stamp(replace(service, url="http://127.0.0.1:9"))
    monkeypatch.undo()
    assert isinstance(timestamp_log(service, at=town.at, store=town.store), Stamped)


def test_an_export_holds_the_stamp_and_openssl_verifies_it(
    town: Town, signer: Signer, service: StampService, authority: Authority, tmp_path: Path
) -> None:
    town.case()
    size = signer.seal()
    assert isinstance(timestamp_log(service, at=town.at, store=town.store), Stamped)
    signer.export(tmp_path / "export")
    report = verify_export(tmp_path / "export", signer.keys, unvouched=True)
    assert report.verified, report.words()
    assert report.stamped == 1
    text, token = (tmp_path / "export" / "timestamps" / f"{size}.{end}" for end in ("txt", "tsr"))
    given = ["ts", "-verify", "-in", str(token), "-data", str(text), "-CAfile", "ca.pem"]
    authority.run(*given)
    for name, where in ((text, 30), (token, 400)):
        spoiled = tmp_path / f"spoiled-{name.suffix}"
        shutil.copytree(tmp_path / "export", spoiled)
        path = spoiled / "timestamps" / name.name
        data = bytearray(path.read_bytes())
        data[where] ^= 1
        path.write_bytes(data)
        assert not verify_export(spoiled, signer.keys, unvouched=True).verified


def test_a_stamp_of_something_else_is_found_even_with_a_new_manifest(
    town: Town, signer: Signer, service: StampService, tmp_path: Path
) -> None:
    town.case()
    size = signer.seal()
    assert isinstance(timestamp_log(service, at=town.at, store=town.store), Stamped)
    with town.store.look(at=town.at) as tx:
        (token,) = timestamps_upto(tx, size).values()
    town.case(reference="SN 2026/2")
    later = signer.seal()
    with town.store.look(at=town.at) as tx:
        write_export(
            StoredLog(tx),
            tmp_path / "export",
            opener=lambda _row: "withheld",
            keys=signer.keys,
            stamps={later: token},
        )
    report = verify_export(tmp_path / "export", signer.keys, unvouched=True)
    assert [(one.kind, one.where) for one in report.findings] == [("edited", f"timestamps/{later}")]
