"""What is missing, wrong or exposed stops the start: one sentence that names it, and exit code 1.

Each is tried twice: by opening the house as the service does, and as a technician would meet it.
"""

from __future__ import annotations

import os
import shutil
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.cli import main
from app.config import load as load_config
from app.domain.organisation import Organisation
from app.flows.install import add_organisation
from app.keys import RootKey
from app.main import install, open_house, web_application

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
CONFIG = """
[service]
port = 8017

[storage]
database = "sqlite:///sluss.db"
state = "state"

[keys]
root = "root.key"
forms = "forms.key"

[signer]
origin = "sluss.example.se/log"
key = "signer/signer.key"
state = "signer/signer.state"
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installation with two organisations, to be copied and broken."""
    folder = tmp_path_factory.mktemp("installed")
    (folder / "config.toml").write_text(CONFIG)
    config = load_config(folder / "config.toml")
    install(config, operator_name="tester", clock=lambda: AT)
    house = open_house(config, clock=lambda: AT)
    for name in ("soc", "police"):
        new = Organisation(
            id=name,
            name=name,
            kind="SOC",
            authority_id=name,
            authority_name=name,
            municipality="Sunne",
            controller=name,
        )
        add_organisation(
            new, house.operator("tester"), at=AT, store=house.store, keyring=house.keyring
        )
    house.close()
    return folder


@pytest.fixture
def folder(installed: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(installed, tmp_path / "here"))


def _rings(folder: Path, statement: str) -> None:
    with sqlite3.connect(folder / "sluss.db") as database:
        database.executescript(statement)
    database.close()


def _new_root(folder: Path) -> None:
    (folder / "root.key").unlink()
    RootKey.create(folder / "root.key", "production")


def _ring_of_another_root(folder: Path) -> None:
    _rings(
        folder,
        "UPDATE organisation_key SET root_key_id = 'root-0123456789abcdef' "
        "WHERE organisation_id = 'police'",
    )


def _ring_moved(folder: Path) -> None:
    _rings(
        folder,
        "UPDATE organisation_key SET (public_key, sealed) = (SELECT public_key, sealed "
        "FROM organisation_key WHERE organisation_id = 'soc') WHERE organisation_id = 'police'",
    )


def _foreign_public_key(folder: Path) -> None:
    _rings(
        folder,
        "UPDATE organisation_key SET public_key = (SELECT public_key "
        "FROM organisation_key WHERE organisation_id = 'soc') WHERE organisation_id = 'police'",
    )


def _cut(name: str) -> Callable[[Path], None]:
    def cut(folder: Path) -> None:
        file = folder / name
        file.write_bytes(file.read_bytes()[:-9])

    return cut


def _remove(name: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).unlink()


def _empty(name: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).write_bytes(b"")


def _open_to_all(name: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).chmod(0o644)


def _no_rings(folder: Path) -> None:
    _rings(folder, "DELETE FROM organisation_key")


def _demonstration(folder: Path) -> None:
    file = folder / "config.toml"
    file.write_text(file.read_text().replace("port = 8017", "port = 8017\ndemonstration = true"))


def _older_tables(folder: Path) -> None:
    _rings(folder, "UPDATE alembic_version SET version_num = '0001'")


@dataclass(frozen=True)
class Broken:
    """One thing wrong, and what the sentence about it must hold."""

    what: str
    make: Callable[[Path], None]
    named: tuple[str, ...]


BROKEN = (
    Broken("root key missing", _remove("root.key"), ("root key root-", "missing", "root.key")),
    Broken("root key of another", _new_root, ("root key root-", "root.key", "is not root-")),
    Broken("root key cut", _cut("root.key"), ("root key root-", "not whole", "backup")),
    Broken("root key empty", _empty("root.key"), ("root key root-", "empty")),
    Broken("root key exposed", _open_to_all("root.key"), ("root.key", "0644", "chmod 600")),
    Broken("for the demonstration", _demonstration, ("made for production", "demonstration")),
    Broken("ring of another root", _ring_of_another_root, ("police", "root-0123456789abcdef")),
    Broken("ring of another organisation", _ring_moved, ("ring of organisation police",)),
    Broken("public key of another", _foreign_public_key, ("ring of organisation police",)),
    Broken("no rings", _no_rings, ("no key ring",)),
    Broken("form key missing", _remove("forms.key"), ("form key", "forms.key", "--form-key")),
    Broken("form key cut", _cut("forms.key"), ("form key", "forms.key")),
    Broken("form key exposed", _open_to_all("forms.key"), ("forms.key", "0644", "chmod 600")),
    Broken("log key missing", _remove("signer/signer.key.pub"), ("public key", "signer.key.pub")),
    Broken("log key cut", _cut("signer/signer.key.pub"), ("public key", "signer.key.pub")),
    Broken("database missing", _remove("sluss.db"), ("sluss migrate",)),
    Broken("older tables", _older_tables, ("sluss migrate",)),
    Broken("database damaged", _empty("sluss.db"), ("sluss migrate",)),
    Broken("configuration missing", _remove("config.toml"), ("config.toml", "config.example")),
)


@pytest.mark.parametrize("broken", BROKEN, ids=lambda one: one.what.replace(" ", "_"))
def test_the_house_does_not_open(broken: Broken, folder: Path) -> None:
    broken.make(folder)
    with pytest.raises(Exception) as raised:  # noqa: PT011 -- which kind is the next test's matter
        web_application(open_house(load_config(folder / "config.toml"), clock=lambda: AT))
    sentence = str(raised.value)
    assert all(part in sentence for part in broken.named), sentence
    assert type(raised.value).__module__.startswith("app."), type(raised.value)


AS_A_TECHNICIAN_MEETS_IT = [
    one
    for one in BROKEN
    if one.what
    in (
        "root key missing",
        "root key exposed",
        "ring of another organisation",
        "form key missing",
        "log key missing",
        "older tables",
    )
]


def _sluss(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "app.cli", *arguments, "--config", str(folder / "config.toml")],
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.mark.parametrize("broken", AS_A_TECHNICIAN_MEETS_IT, ids=lambda one: one.what)
def test_serving_ends_with_one_sentence(broken: Broken, folder: Path) -> None:
    broken.make(folder)
    ended = _sluss(folder, "serve")
    assert ended.returncode == 1, ended
    assert ended.stderr.startswith("sluss: ")
    assert all(part in ended.stderr for part in broken.named), ended.stderr
    assert "Traceback" not in ended.stderr
    assert ended.stdout == "", "it says that it answers, and does not"


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("signer.key", _remove("signer/signer.key")),
        ("signer.key", _empty("signer/signer.key")),
        ("signer.state", _empty("signer/signer.state")),
        ("signer.state", _remove("signer/signer.state")),
    ],
)
def test_the_signer_ends_with_one_sentence(name: str, make, folder: Path) -> None:
    make(folder)
    ended = _sluss(folder, "seal")
    assert ended.returncode == 1, ended
    assert ended.stderr.startswith("sluss: ")
    assert name in ended.stderr
    assert "Traceback" not in ended.stderr


def test_an_edited_rule_file_is_named_with_its_line(folder: Path, tmp_path: Path) -> None:
    law = tmp_path / "law"
    shutil.copytree("policies", law / "policies")
    rules = law / "policies/rules/permissions.toml"
    text = rules.read_text()
    rules.write_text(text.replace('effect = "permit"', 'effect = "permitted"', 1))
    line = text[: text.index('effect = "permit"')].count("\n") + 1
    ended = _sluss(folder, "serve", PYTHONPATH=str(law))
    assert ended.returncode == 1, ended
    assert "Traceback" not in ended.stderr
    assert f"rules/permissions.toml:{line}: " in ended.stderr
    assert ended.stdout == ""


@pytest.mark.parametrize("left", [b"\xff\xfe not text", b"[[rule]\n"])
def test_an_unreadable_rule_file_is_named(left: bytes, folder: Path, tmp_path: Path) -> None:
    law = tmp_path / "law"
    shutil.copytree("policies", law / "policies")
    (law / "policies/secrecy.toml").write_bytes(left)
    ended = _sluss(folder, "serve", PYTHONPATH=str(law))
    assert ended.returncode == 1, ended
    assert "Traceback" not in ended.stderr
    assert "secrecy.toml" in ended.stderr


def test_nothing_is_made_where_something_is_missing(folder: Path) -> None:
    (folder / "root.key").unlink()
    before = {file.relative_to(folder) for file in folder.rglob("*")}
    assert _sluss(folder, "serve").returncode == 1
    after = {file.relative_to(folder) for file in folder.rglob("*")}
    made = after - before
    assert all(file.name.startswith("sluss.db-") for file in made), made


def test_a_whole_installation_opens(folder: Path) -> None:
    house = open_house(load_config(folder / "config.toml"), clock=lambda: AT)
    assert web_application(house) is not None
    house.close()


def test_a_port_that_is_taken_is_told_in_one_sentence(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        config = folder / "config.toml"
        config.write_text(config.read_text().replace("port = 8017", f"port = {port}"))
        assert main(["serve", "--config", str(config)]) == 1
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert f"nothing can answer on 127.0.0.1, port {port} (Address already in use)" in told
