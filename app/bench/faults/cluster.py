"""A PostgreSQL of our own in a throw-away folder, made to be stopped in the middle of things."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

_PROGRAMS = Path("/usr/lib/postgresql")
_SERVER_USER = "postgres"


class NoServer(Exception):
    """PostgreSQL cannot be started here, and why."""


def programs() -> Path | None:
    """The folder with `initdb` and `pg_ctl` of the newest PostgreSQL installed, None if none is."""
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    versions = [one for one in _PROGRAMS.glob("*/bin") if (one / "initdb").exists()]
    numbered = [(int(re.sub(r"\D", "", one.parent.name) or 0), one) for one in versions]
    return max(numbered)[1] if numbered else None


class Cluster:
    """Open with `with`. Flushes to disk as in service; listens on a socket in its own folder."""

    def __init__(self) -> None:
        found = programs()
        if found is None:
            raise NoServer("initdb is not installed; on Debian: apt-get install postgresql")
        self._programs = found
        # Short, because the path of a socket may have 107 characters.
        self._folder = Path(tempfile.mkdtemp(prefix="sluss-pg-", dir="/tmp"))

    @property
    def url(self) -> str:
        """Of the one database that everything happens in."""
        return f"postgresql+psycopg://owner@/postgres?host={self._folder}"

    def __enter__(self) -> Cluster:
        try:
            if os.geteuid() == 0:
                shutil.chown(self._folder, _SERVER_USER)
            initdb = ("initdb", "-U", "owner", "--auth=trust", "-E", "UTF8", "--locale=C.UTF-8")
            self._run(*initdb, "-D", str(self._data))
            self.start()
        except BaseException:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._run("pg_ctl", "-D", str(self._data), "-m", "immediate", "-s", "stop", must=False)
        shutil.rmtree(self._folder, ignore_errors=True)

    def start(self) -> None:
        """Start it, and wait until it has recovered what it must and answers."""
        options = f"-k {self._folder} -c listen_addresses= -c max_connections=40"
        log = str(self._folder / "log")
        self._run("pg_ctl", "-D", str(self._data), "-w", "-s", "-l", log, "-o", options, "start")

    def stop_at_once(self) -> None:
        """As by a power cut, as far as one program can: no checkpoint, no farewell."""
        self._run("pg_ctl", "-D", str(self._data), "-m", "immediate", "-s", "stop")

    @property
    def _data(self) -> Path:
        return self._folder / "data"

    def _run(self, program: str, *arguments: str, must: bool = True) -> None:
        command: Sequence[str] = [str(self._programs / program), *arguments]
        if os.geteuid() == 0:
            # PostgreSQL refuses to run as root.
            command = ["runuser", "-u", _SERVER_USER, "--", *command]
        ended = subprocess.run(  # noqa: S603 - the program and its arguments are written here
            command,
            cwd="/",
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            timeout=120,
            check=False,
        )
        if must and ended.returncode:
            raise NoServer(f"{program} failed: {ended.stderr.strip()[-300:]}")
