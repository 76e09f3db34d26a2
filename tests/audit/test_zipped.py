"""A zip that is damaged or made to deceive is told in one sentence, and never called verified."""

from __future__ import annotations

import io
import os
import random
import shutil
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from audit import __main__ as command
from audit.checkpoint import SigningKey
from audit.manifest import Scope
from audit.zipped import as_folder

SEED = 20261127
CHANGES = 500


def zipped(folder: Path) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(one for one in folder.rglob("*") if one.is_file()):
            archive.write(path, path.relative_to(folder).as_posix())
    return held.getvalue()


@pytest.fixture
def good(
    log: Any, kit: Any, key: SigningKey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> bytes:
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)
    for number in range(30):
        kit.write(log, number, org="org-torsby" if number % 3 == 0 else "org-sunne", case=None)
    folder = kit.write_vouched(
        log,
        key,
        tmp_path / "made",
        scope=Scope(kind="organisation", of="org-sunne", start=5, stop=25),
        number=30,
        files={"contents/a_table.csv": b"n,act\n5,read\n" * 40, "contents/report.pdf": b"%PDF"},
    )
    return zipped(folder)


@pytest.fixture
def say(tmp_path: Path, key: SigningKey, capsys: Any) -> Callable[[bytes], tuple[int, str]]:
    """What the command answers to a file of these bytes: its status and its one sentence."""

    def said(data: bytes) -> tuple[int, str]:
        path = tmp_path / "export.zip"
        path.write_bytes(data)
        status = command.main(["verify", str(path), "--key", key.verifier.text(), "--quiet"])
        told = capsys.readouterr()
        return status, (told.err if status == 2 else told.out).replace(str(path), "EXPORT").strip()

    return said


def test_a_zip_as_it_was_made_is_verified(good: bytes, say: Any) -> None:
    status, told = say(good)
    assert (status, told.splitlines()[0]) == (0, "VERIFIED")


def _with(good: bytes, change: Callable[[zipfile.ZipInfo], Any], data: bytes = b"x") -> bytes:
    """One more member, of which `change` alters the description."""
    held = io.BytesIO(good)
    with zipfile.ZipFile(held, "a") as archive:
        info = zipfile.ZipInfo("contents/more.txt")
        info.compress_type = zipfile.ZIP_DEFLATED
        change(info)
        archive.writestr(info, data)
    return held.getvalue()


def _named(name: str) -> Callable[[bytes], bytes]:
    return lambda good: _with(good, lambda info: setattr(info, "filename", name))


def _raw_name(good: bytes) -> bytes:
    """A name with control characters and no alphabet, written straight into both headers."""
    return good.replace(b"contents/a_table.csv", b"contents/\x1b[2J\xff\xfe\x07.csv")


def _nul_in_name(good: bytes) -> bytes:
    return good.replace(b"contents/a_table.csv", b"contents/entries\x00csv")


def _twice(good: bytes) -> bytes:
    with pytest.warns(UserWarning, match="Duplicate name"):
        return _named("manifest.json")(good)


def _link(good: bytes) -> bytes:
    return _with(good, lambda info: setattr(info, "external_attr", 0o120777 << 16), b"/etc/passwd")


def _flagged(good: bytes) -> bytes:
    """The bit of a password, in each header."""
    data = bytearray(good)
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = data.find(mark)
        while place >= 0:
            data[place + at] |= 1
            place = data.find(mark, place + 4)
    return bytes(data)


def _compressed_otherwise(method: int) -> Callable[[bytes], bytes]:
    def changed(good: bytes) -> bytes:
        data = bytearray(good)
        place = data.find(b"PK\x01\x02")
        data[place + 10 : place + 12] = struct.pack("<H", method)
        return bytes(data)

    return changed


def _bomb(good: bytes) -> bytes:
    return _with(good, lambda info: None, bytes(64 * 1024**2))


def _claims_to_be_huge(good: bytes) -> bytes:
    data = bytearray(good)
    for place in [at for at in range(len(data)) if data.startswith(b"PK\x01\x02", at)]:
        data[place + 24 : place + 28] = struct.pack("<I", 0xFFFFFFF0)
    return bytes(data)


def _wrong_sum(good: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(good)) as archive:
        one = archive.getinfo("contents/a_table.csv")
        begins = one.header_offset + 30 + len(one.filename)
    data = bytearray(good)
    data[begins + one.compress_size // 2] ^= 0xFF
    return bytes(data)


def _another_zip(_good: bytes) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("holiday.txt", b"x")
    return held.getvalue()


DOCTORED: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "empty": (lambda good: b"", "is empty; fetch the export again"),
    "no-zip": (lambda good: b"%PDF-1.7 of something", "is no export: neither a folder nor a zip"),
    "half": (lambda good: good[: len(good) // 2], "is a zip of which the end is missing"),
    "end-cut": (lambda good: good[:-3], "is a zip of which the end is missing"),
    "another-zip": (_another_zip, "is a zip without manifest.json, so it is no export"),
    "twice": (_twice, "holds 'manifest.json' twice; which of them counts is unclear"),
    "below-a-file": (_named("checkpoint/x"), "holds 'checkpoint/x' twice"),
    "raw-name": (_raw_name, "which an export never does"),
    "nul-in-name": (_nul_in_name, "which an export never does"),
    "out": (_named("../out"), "holds '../out', which an export never does"),
    "absolute": (_named("/etc/out"), "holds '/etc/out', which an export never does"),
    "drive": (_named("c:/out"), "holds 'c:/out', which an export never does"),
    "hidden-way-out": (_named("contents/../../out"), "which an export never does"),
    "backslash": (_named("contents\\..\\out"), "which an export never does"),
    "dots-alone": (_named("contents/..."), "which an export never does"),
    "link": (_link, "holds 'contents/more.txt', which an export never does"),
    "password": (_flagged, "has a password; an export has none, so it is not from Sluss"),
    "bzip2": (_compressed_otherwise(12), "is compressed in a way that an export never is"),
    "unknown-method": (_compressed_otherwise(99), "is compressed in a way that an export never is"),
    "bomb": (_bomb, "which no export of its size does; it is not unpacked"),
    "huge": (_claims_to_be_huge, "which no export of its size does; it is not unpacked"),
    "wrong-sum": (_wrong_sum, "contents/a_table.csv in it does not open; fetch the export again"),
    "age": (lambda good: b"age-encryption.org/v1\n-> X25519 " + good, "encrypted with age"),
    "age-text": (lambda good: b"-----BEGIN AGE ENCRYPTED FILE-----\n", "encrypted with age"),
}


@pytest.mark.parametrize("name", DOCTORED)
def test_what_is_wrong_with_a_zip_is_one_sentence(good: bytes, say: Any, name: str) -> None:
    doctor, sentence = DOCTORED[name]
    status, told = say(doctor(good))
    assert status == 2
    assert told.startswith("cannot read: EXPORT ")
    assert sentence in told
    assert len(told.splitlines()) == 1
    assert told.isprintable()


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ("nowhere.zip", "does not exist"),
        ("folder", "is no export"),
        ("pipe", "is neither a folder nor a file"),
    ],
)
def test_what_is_no_file_at_all_is_one_sentence(
    tmp_path: Path, key: SigningKey, capsys: Any, given: str, sentence: str
) -> None:
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    asked = ["verify", str(tmp_path / given), "--key", key.verifier.text()]
    assert command.main(asked) == 2
    told = capsys.readouterr().err
    assert sentence in told
    assert len(told.splitlines()) == 1


def test_a_full_disk_is_one_sentence(
    good: bytes, say: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_given: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shutil, "copyfileobj", full)
    assert say(good) == (2, "cannot read: EXPORT cannot be unpacked: No space left on device")


def test_nothing_is_left_of_what_was_unpacked(
    good: bytes, say: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    say(good)
    say(_wrong_sum(good))
    assert list((tmp_path / "temporary").iterdir()) == []


def _flip(data: bytearray, chance: random.Random) -> None:
    for _ in range(chance.choice((1, 1, 1, 4, 30))):
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)


def _cut(data: bytearray, chance: random.Random) -> None:
    del data[chance.randrange(len(data)) :]


def _cut_out(data: bytearray, chance: random.Random) -> None:
    at = chance.randrange(len(data))
    del data[at : at + chance.choice((1, 2, 30, 500))]


def _repeat(data: bytearray, chance: random.Random) -> None:
    at, length = chance.randrange(len(data)), chance.choice((1, 4, 46, 700))
    data[at:at] = data[at : at + length]


def _put_in(data: bytearray, chance: random.Random) -> None:
    at = chance.randrange(len(data))
    data[at:at] = chance.choice((b"\0" * 8, b"PK\x01\x02", b"PK\x05\x06", chance.randbytes(9)))


def _in_the_directory(data: bytearray, chance: random.Random) -> None:
    """The part that says what the zip holds."""
    begins = data.find(b"PK\x01\x02")
    data[chance.randrange(begins, len(data))] = chance.choice((0, 1, 0x7F, 0x80, 0xFF))


def _members(data: bytearray, chance: random.Random) -> None:
    """Unpacked, one member changed, gone, doubled or renamed, and packed again."""
    with zipfile.ZipFile(io.BytesIO(bytes(data))) as archive:
        held = [(one.filename, archive.read(one)) for one in archive.infolist()]
    at = chance.randrange(len(held))
    name, content = held[at]
    what = chance.choice(("change", "gone", "double", "rename", "empty", "order"))
    if what == "change" and content:
        changed = bytearray(content)
        changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
        held[at] = (name, bytes(changed))
    elif what == "gone":
        del held[at]
    elif what == "double":
        held.append((name, content if chance.random() < 0.5 else b"x"))
    elif what == "rename":
        held[at] = (chance.choice(("a", name + "x", held[at - 1][0])), content)
    elif what == "empty":
        held[at] = (name, b"")
    else:
        chance.shuffle(held)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for each, inside in held:
            archive.writestr(each, inside)
    data[:] = packed.getvalue()


HOW = (_flip, _flip, _cut, _cut_out, _repeat, _put_in, _in_the_directory, _members)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_whatever_is_done_to_a_zip_no_changed_content_is_verified(
    good: bytes, say: Any, tmp_path: Path
) -> None:
    """Metadata of the zip may change; what is signed or vouched for may not."""
    chance = random.Random(SEED)  # noqa: S311 - which byte to change, not a secret
    held = _read(good, tmp_path)
    answers = dict.fromkeys((0, 1, 2), 0)
    for number in range(CHANGES):
        data = bytearray(good)
        HOW[number % len(HOW)](data, chance)
        status, told = say(bytes(data))
        answers[status] += 1
        assert told.startswith(("VERIFIED", "NOT VERIFIED", "cannot read: ")), number
        if status == 0:
            assert _read(bytes(data), tmp_path) == held, number
        if status == 2:
            assert len(told.splitlines()) == 1, told
    assert all(answers.values()), answers


def _read(data: bytes, tmp_path: Path) -> dict[str, bytes]:
    path = tmp_path / "read.zip"
    path.write_bytes(data)
    with as_folder(path) as folder:
        return {
            one.relative_to(folder).as_posix(): one.read_bytes()
            for one in folder.rglob("*")
            if one.is_file()
        }
