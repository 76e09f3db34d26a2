"""`sluss demo`: started, started again, stopped, and refused with a sentence that helps."""

from __future__ import annotations

import hashlib
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.config import Config, ConfigError
from app.config import load as load_config
from app.demonstration import run
from app.demonstration.build import CONFIG_FILE
from app.demonstration.run import prepare, require_free, signer_beside
from app.demonstration.signed_in import People, WorldFault
from app.demonstration.staff import PASSWORD, STAFF
from app.demonstration.welcome import welcome
from app.identity.password import Passwords
from app.keys import RootKey
from app.keys.errors import RootKeyPurpose
from app.main import CannotStart, open_house

WAITING_SECONDS = 120.0
"""Far more than anything here takes, because other tests run beside these."""


def free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


def answer(port: int) -> str | None:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=WAITING_SECONDS) as page:
            return page.read().decode()
    except OSError:
        return None


@contextmanager
def running(folder: Path, port: int) -> Iterator[subprocess.Popen[str]]:
    """The command, once it answers; told to stop afterwards, as by Ctrl-C."""
    command = [sys.executable, "-m", "app.cli", "demo", "--folder", str(folder)]
    process = subprocess.Popen(
        [*command, "--port", str(port)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        until = time.monotonic() + WAITING_SECONDS
        while answer(port) is None and process.poll() is None and time.monotonic() < until:
            time.sleep(0.1)
        yield process
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=WAITING_SECONDS)


def wait_for(happened: Callable[[], bool]) -> bool:
    until = time.monotonic() + WAITING_SECONDS
    while not happened() and time.monotonic() < until:
        time.sleep(0.2)
    return happened()


def sign_in(config: Config) -> None:
    """An entry in the log, by somebody who signs in."""
    house = open_house(config)
    People(house, Passwords(memory_kib=64, passes=1)).actor("karin", at=house.clock())
    house.close()


def test_the_world_is_served_and_signed_until_it_is_stopped(folder) -> None:
    state = folder / "signer" / "signer.state"
    port = free_port()
    with running(folder, port) as process:
        page = answer(port)
        signed = state.read_bytes()
        sign_in(load_config(folder / CONFIG_FILE))
        signed_again = wait_for(lambda: state.read_bytes() != signed)
    said, _ = process.communicate()
    assert process.returncode == 0, said
    assert "<html" in (page or "")
    assert signed_again
    assert f"http://127.0.0.1:{port}/" in said
    assert PASSWORD in said
    assert "The signer has stopped" not in said
    assert answer(port) is None


def test_a_second_start_keeps_the_data(folder) -> None:
    before = _contents(folder)
    config = prepare(folder, port=8123)
    assert _contents(folder) == before
    assert (config.service.host, config.service.port) == ("127.0.0.1", 8123)


def test_a_world_that_was_not_finished_is_never_served(tmp_path, monkeypatch) -> None:
    def broken(folder: Path, **_given: object) -> None:
        (folder / CONFIG_FILE).write_text("half", encoding="utf-8")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(run, "build_world", broken)
    folder = tmp_path / "world"
    with pytest.raises(CannotStart, match="No space left on device; name a folder"):
        prepare(folder, port=8000)
    assert not folder.exists()


def test_what_a_crash_left_is_made_anew(tmp_path, monkeypatch) -> None:
    left = tmp_path / ".world.half-made"
    left.mkdir()
    (left / "root.key").write_text("left", encoding="utf-8")

    def build(folder: Path, **_given: object) -> None:
        assert list(folder.iterdir()) == []
        (folder / CONFIG_FILE).write_text("", encoding="utf-8")

    monkeypatch.setattr(run, "build_world", build)
    monkeypatch.setattr(run, "load_config", lambda _path: None)
    with pytest.raises(AttributeError):
        prepare(tmp_path / "world", port=8000)
    assert (tmp_path / "world" / CONFIG_FILE).exists()


def test_a_folder_with_other_files_is_left_alone(tmp_path) -> None:
    (tmp_path / "letter.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(CannotStart, match="holds other files and no demonstration"):
        prepare(tmp_path, port=8000)
    assert [one.name for one in tmp_path.iterdir()] == ["letter.txt"]


def test_a_folder_that_cannot_be_made_is_said_with_what_to_do(tmp_path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(CannotStart, match="name a folder you may write to with --folder"):
        prepare(tmp_path / "file" / "world", port=8000)


def test_a_taken_port_is_said_with_what_to_do() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(CannotStart, match=r"already in use; stop what uses it, or choose"):
            require_free(taken.getsockname()[1])


def test_a_port_that_does_not_exist_is_refused() -> None:
    with pytest.raises(CannotStart, match="port 70000 cannot be used"):
        require_free(70000)


def test_the_configuration_of_a_real_installation_is_refused(folder) -> None:
    path = folder / CONFIG_FILE
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("demonstration = true", "demonstration = false"), encoding="utf-8")
    with pytest.raises(CannotStart, match="is not a demonstration's configuration"):
        prepare(folder, port=8000)


def test_another_host_than_loopback_is_refused(folder) -> None:
    path = folder / CONFIG_FILE
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('host = "127.0.0.1"', 'host = "0.0.0.0"'), encoding="utf-8")
    with pytest.raises(ConfigError, match=r"serves known passwords, so host must be 127\.0\.0\.1"):
        prepare(folder, port=8000)


def test_rules_that_the_world_does_not_fit_are_told_of_plainly(tmp_path, monkeypatch) -> None:
    def broken(_folder: Path, **_given: object) -> None:
        raise WorldFault("Disclose by karin: gave NotDisclosed")

    monkeypatch.setattr(run, "build_world", broken)
    with pytest.raises(CannotStart, match="cannot be made with this version's rules"):
        prepare(tmp_path / "world", port=8000)


def test_a_real_key_is_refused(folder) -> None:
    (folder / "root.key").unlink()
    RootKey.create(folder / "root.key", "production")
    with pytest.raises(RootKeyPurpose, match="made for production"):
        open_house(prepare(folder, port=8000))


def test_when_the_signer_dies_a_line_says_so_and_the_rest_goes_on(tmp_path, capfd) -> None:
    with signer_beside(tmp_path / "missing.toml") as signer:
        signer.wait(timeout=WAITING_SECONDS)
        said, until = "", time.monotonic() + WAITING_SECONDS
        while "The signer has stopped" not in said and time.monotonic() < until:
            time.sleep(0.05)
            said += capfd.readouterr().out
    assert "The pages go on" in said


def test_the_signer_ends_with_the_server(folder) -> None:
    with signer_beside(folder / CONFIG_FILE) as signer:
        assert signer.poll() is None
    assert signer.poll() is not None


@pytest.mark.skipif(sys.platform != "linux", reason="needs prctl(2) of Linux")
def test_the_signer_ends_also_when_the_server_is_killed_outright(folder) -> None:
    program = (
        "import sys, time; from pathlib import Path;"
        "from app.demonstration.run import signer_beside\n"
        "with signer_beside(Path(sys.argv[1])) as signer:\n"
        "    print(signer.pid, flush=True); time.sleep(600)"
    )
    command = [sys.executable, "-c", program, str(folder / CONFIG_FILE)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        signer = Path("/proc") / server.stdout.readline().strip() / "cmdline"
        assert wait_for(lambda: b"seal" in signer.read_bytes())
        server.kill()
        server.wait()
        assert wait_for(lambda: not signer.exists() or signer.read_bytes() == b"")


def test_everybody_who_can_sign_in_is_in_the_printed_table() -> None:
    lines = list(welcome(8000))
    for employee in STAFF:
        (line,) = (one for one in lines if employee.name in one)
        assert employee.username in line.split()
        assert employee.title in line
    assert max(map(len, lines)) <= 110


def _contents(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
