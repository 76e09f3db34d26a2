"""The folder copied out alone verifies an export, on its command line, and says what it found."""

from __future__ import annotations

import ast
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cryptography
import pytest

import audit
from audit import __main__ as command
from audit.checkpoint import SigningKey
from audit.export import write_export
from audit.outside import OutsideFile

PACKAGE = Path(audit.__file__).parent
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """`python -m audit` with nothing in reach but a copy of this one folder and `cryptography`."""
    alone = tmp_path / "alone"
    shutil.copytree(PACKAGE, alone / "audit", ignore=shutil.ignore_patterns("__pycache__"))
    installed = Path(cryptography.__file__).parents[1]
    for pattern in ("cryptography", "cffi", "_cffi_backend*", "pycparser"):
        for path in installed.glob(pattern):
            (alone / path.name).symlink_to(path)

    def command(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-S", "-P", "-m", "audit", *map(str, arguments)],
            cwd=tmp_path,
            env={"PYTHONPATH": str(alone), "PYTHONWARNINGS": "error"},
            capture_output=True,
            text=True,
            check=False,
        )

    return command


@pytest.fixture
def export(log: Any, kit: Any, key: SigningKey, tmp_path: Path) -> Path:
    for number in range(300):
        kit.write(log, number)
    kit.seal(log, key)
    write_export(log, tmp_path / "export", opener=kit.open, keys=[key.verifier])
    (tmp_path / "log.vkey").write_text(key.verifier.text() + "\n")
    return tmp_path / "export"


def test_the_copied_folder_verifies_an_export(run: Run, export: Path, tmp_path: Path) -> None:
    done = run("verify", export, "--key", tmp_path / "log.vkey")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("VERIFIED\n")


def test_the_copy_is_all_of_sluss_that_the_command_can_reach(run: Run, tmp_path: Path) -> None:
    assert run("--help").returncode == 0
    shutil.rmtree(tmp_path / "alone" / "audit")
    assert "No module named audit" in run("--help").stderr


def test_nothing_but_the_standard_library_and_cryptography_is_imported() -> None:
    imported = set()
    for path in PACKAGE.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                imported |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0
                imported.add((node.module or "").split(".")[0])
    assert imported - sys.stdlib_module_names == {"audit", "cryptography"}


def test_verifying_needs_nothing_that_only_some_systems_have() -> None:
    text = (PACKAGE / "verify.py").read_text() + (PACKAGE / "__main__.py").read_text()
    assert "audit.signer" not in text  # which locks files in a way that Windows does not know


def test_a_flipped_bit_ends_with_status_one_and_names_kind_and_index(
    run: Run, export: Path, tmp_path: Path
) -> None:
    path = export / "tile/entries/000"
    path.write_bytes(path.read_bytes().replace(b'"allow"', b'"allov"', 1))
    done = run("verify", export, "--key", tmp_path / "log.vkey")
    assert done.returncode == 1
    assert done.stdout.startswith("NOT VERIFIED")
    assert "edited at entry 0" in done.stdout


def test_json_says_the_same(run: Run, export: Path, tmp_path: Path) -> None:
    done = run("verify", export, "--key", tmp_path / "log.vkey", "--json")
    report = json.loads(done.stdout)
    assert done.returncode == 0
    assert (report["verdict"], report["findings"], report["sealed"]) == ("verified", [], 300)


def test_the_key_itself_may_be_given(run: Run, export: Path, key: SigningKey) -> None:
    assert run("verify", export, "--key", key.verifier.text()).returncode == 0


def test_another_key_shows_the_whole_log_as_unsigned(run: Run, export: Path) -> None:
    other = SigningKey("sluss.example/log", bytes([9] * 32)).verifier.text()
    done = run("verify", export, "--key", other)
    assert done.returncode == 1
    assert "unsigned-tail at entry 0" in done.stdout


def test_a_held_checkpoint_shows_a_cut_log(
    run: Run, export: Path, tmp_path: Path, log: Any, kit: Any, key: SigningKey
) -> None:
    kit.write(log, 999)
    (tmp_path / "held").write_bytes(kit.seal(log, key))
    done = run("verify", export, "--key", key.verifier.text(), "--held", tmp_path / "held")
    assert done.returncode == 1
    assert "truncated at entry 300" in done.stdout


def test_what_is_kept_outside_shows_a_cut_log_and_nothing_of_another_key(
    run: Run, export: Path, tmp_path: Path, log: Any, kit: Any, key: SigningKey
) -> None:
    outside, given = OutsideFile(tmp_path / "outside.jsonl"), ("--key", key.verifier.text())
    outside.add(300, log.checkpoint_rows[300].note)
    assert run("verify", export, *given, "--outside", outside.path).returncode == 0
    kit.write(log, 999)
    outside.add(301, kit.seal(log, key))
    done = run("verify", export, *given, "--outside", outside.path)
    assert done.returncode == 1
    assert "truncated at entry 300" in done.stdout
    other = OutsideFile(tmp_path / "other.jsonl")
    other.add(301, kit.seal(log, SigningKey(key.name, bytes([9] * 32))))
    done = run("verify", export, *given, "--outside", other.path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "holds no checkpoint by the keys given" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["no-such-folder", "--key", "KEY"], "no-such-folder does not exist"),
        (["export", "--key", "no-such-file"], "no-such-file cannot be read"),
        (["export", "--key", "a+b+c"], "no public key"),
        (["export", "--key", "empty"], "holds no public key"),
        (["export", "--key", "KEY", "--held", "no-such-file"], "no-such-file cannot be read"),
    ],
)
def test_what_cannot_be_read_ends_with_status_two(
    arguments: list[str], said: str, run: Run, export: Path, tmp_path: Path, key: SigningKey
) -> None:
    (tmp_path / "empty").write_text("\n")
    given = [key.verifier.text() if item == "KEY" else item for item in arguments]
    done = run("verify", *given)
    assert done.returncode == 2
    assert said in done.stderr
    assert done.stdout == ""


def test_what_cannot_be_read_is_said_in_json_too(run: Run, export: Path, key: SigningKey) -> None:
    done = run("verify", "no-such-folder", "--key", key.verifier.text(), "--json")
    assert done.returncode == 2
    assert json.loads(done.stdout)["verdict"] == "cannot read"


def test_help_tells_every_option_and_exit_status(run: Run) -> None:
    done = run("verify", "--help")
    assert done.returncode == 0
    for word in (
        "EXPORT",
        "--key",
        "--held",
        "--outside",
        "--json",
        "--quiet",
        "exit status",
        "unsigned-tail",
    ):
        assert word in done.stdout
    assert run("--help").returncode == 0


def test_without_a_command_the_usage_is_shown(run: Run) -> None:
    done = run()
    assert done.returncode == 2
    assert "usage: python -m audit" in done.stderr


def test_progress_begins_after_two_seconds(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    export: Path,
    key: SigningKey,
) -> None:
    now = 0.0

    def clock() -> float:
        nonlocal now
        now += 0.3
        return now

    monkeypatch.setattr(command.time, "monotonic", clock)
    assert command.main(["verify", str(export), "--key", key.verifier.text()]) == 0
    assert "entries: 256 of 300 (85 %)" in capsys.readouterr().err
    now = 0.0
    assert command.main(["verify", str(export), "--key", key.verifier.text(), "--quiet"]) == 0
    assert capsys.readouterr().err == ""


def test_an_export_unpacked_among_other_files_is_told_to_have_a_folder_of_its_own(
    run: Run, export: Path, tmp_path: Path
) -> None:
    shutil.copytree(PACKAGE, export / "audit", ignore=shutil.ignore_patterns("__pycache__"))
    asked = ("verify", export, "--key", tmp_path / "log.vkey")
    done = run(*asked)
    assert done.returncode == 1
    assert "unpack it in a folder of its own, or give the zip as it came" in done.stdout
    shutil.rmtree(export / "audit")
    (export / "tile" / "more").write_text("x")
    done = run(*asked)
    assert done.returncode == 1
    assert "it was added later" in done.stdout
    assert "unpack it" not in done.stdout, "there it was put, and did not happen to lie"
