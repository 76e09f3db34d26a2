"""`sluss demo`: make the world where there is none, then serve it with a signer beside it.

A world is made in a folder of its own and moved into place whole, so that half of one is never
served. It is served on loopback only, under keys that are marked as demonstration keys.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from app.changed_keys import complete_signer
from app.config import LOOPBACK, Config
from app.config import load as load_config
from app.demonstration.build import CONFIG_FILE, build_world
from app.demonstration.founding import OPERATOR
from app.demonstration.signed_in import WorldFault
from app.demonstration.terminal import Progress, say
from app.demonstration.welcome import welcome
from app.main import CannotStart, system_clock
from app.serving import serve

ADDRESS = "127.0.0.1"
SEAL_EVERY_SECONDS = 5
_STOPPING_SECONDS = 5.0
_PR_SET_PDEATHSIG = 1
"""Linux, prctl(2)."""


def run_demonstration(folder: Path, *, port: int) -> int:
    """Serve the demonstration in `folder` on `port` until stopped. Returns the exit code.

    Raises CannotStart, ConfigError, KeyFault, StoreFault or PackError, each with a sentence that
    says what to do.
    """
    require_free(port)
    config = prepare(folder, port=port)
    # The server has its own way to end; until it has begun, being told to end must reach `finally`.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    complete_signer(config, operator_name=OPERATOR)
    with signer_beside(folder / CONFIG_FILE):
        serve(config, announce=lambda: _say_welcome(port))
    return 0


def _say_welcome(port: int) -> None:
    for line in welcome(port):
        say(line)


def prepare(folder: Path, *, port: int) -> Config:
    """The configuration of the world in `folder`, which is made if it is not there."""
    try:
        _make_if_missing(folder, port=port)
    except OSError as error:
        raise CannotStart(
            f"the demonstration cannot be made in {folder}: {error.strerror}; name a folder you "
            "may write to with --folder"
        ) from error
    except WorldFault as fault:
        raise CannotStart(
            f"the demonstration cannot be made with this version's rules ({fault}); this is a "
            "fault in Sluss: please report it"
        ) from fault
    config = load_config(folder / CONFIG_FILE)
    service = config.service
    if not service.demonstration or service.host not in LOOPBACK:
        raise CannotStart(
            f"{folder / CONFIG_FILE} is not a demonstration's configuration; name an empty folder "
            "with --folder, or serve the installation with `sluss serve --config`"
        )
    return msgspec.structs.replace(
        config, service=msgspec.structs.replace(service, host=ADDRESS, port=port)
    )


def require_free(port: int) -> None:
    """Raise CannotStart if something answers on the port already."""
    with socket.socket() as trial:
        # As the server itself does, so that a port that was just left counts as free.
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((ADDRESS, port))
        except (OSError, OverflowError) as error:
            reason = getattr(error, "strerror", None) or "there is no such port"
            raise CannotStart(
                f"port {port} cannot be used: {reason}; stop what uses it, or choose another with "
                "`sluss demo --port 8001`"
            ) from error


def _make_if_missing(folder: Path, *, port: int) -> None:
    folder = folder.absolute()
    folder.parent.mkdir(parents=True, exist_ok=True)
    with _alone(folder.parent / f".{folder.name}.lock"):
        if (folder / CONFIG_FILE).exists():
            return
        if folder.exists() and any(folder.iterdir()):
            raise CannotStart(
                f"{folder} holds other files and no demonstration; name an empty folder with "
                "--folder, or remove what is there"
            )
        half_made = folder.parent / f".{folder.name}.half-made"
        shutil.rmtree(half_made, ignore_errors=True)
        half_made.mkdir(mode=0o700)
        say("Making the demonstration world, which takes some seconds ...")
        build_world(half_made, port=port, now=system_clock(), progress=Progress("steps"))
        # A crash before this line leaves a folder that is never served and is made anew.
        half_made.replace(folder)


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """Keep a second start waiting while the world is being made."""
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def signer_beside(config_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The signer as a process of its own, which ends when the block does.

    If it ends earlier the block goes on and a line says so: pages and log do not depend on it, only
    the check marks do.
    """
    command = [sys.executable, "-m", "app.cli", "seal"]
    command += ["--every", str(SEAL_EVERY_SECONDS), "--config", str(config_path)]
    owner = os.getpid()
    # In a session of its own, so that Ctrl-C ends the server first and the signer after it.
    signer = subprocess.Popen(  # noqa: S603 - our own command
        command, stdin=subprocess.DEVNULL, start_new_session=True, preexec_fn=_end_with_parent
    )
    stopping = threading.Event()
    threading.Thread(target=_watch, args=(signer, stopping), daemon=True).start()
    try:
        yield signer
    finally:
        # A worker of the server leaves through here too, and must not take the signer with it.
        if os.getpid() == owner:
            stopping.set()
            signer.terminate()
            try:
                signer.wait(_STOPPING_SECONDS)
            except subprocess.TimeoutExpired:
                signer.kill()
                signer.wait()


def _end_with_parent() -> None:
    """Ask the system to end this process with its parent, should that be killed outright."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _watch(signer: subprocess.Popen[bytes], stopping: threading.Event) -> None:
    signer.wait()
    if not stopping.is_set():
        say(
            "The signer has stopped. The pages go on; what happens from now on is in the log but "
            "gets no check mark. Start again with `make run` to have it signed."
        )
