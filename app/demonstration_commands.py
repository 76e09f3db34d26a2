"""The commands that show what the service does: `demo`, `tour` and `bench`."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

Run = Callable[[argparse.Namespace], int]


def add_demonstration_commands(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
    command: Callable[..., argparse.ArgumentParser],
    bench_run: Run,
) -> None:
    """`command` adds one to `commands`; `bench_run` runs `bench`, which asks the machine."""
    demo = command(
        commands, "demo", _demo, "Serve the demonstration world; made when missing.", config=False
    )
    folder = Path("var/demonstration")
    demo.add_argument(
        "--folder",
        type=Path,
        default=folder,
        metavar="DIR",
        help=f"where its database and keys are (default {folder})",
    )
    demo.add_argument(
        "--port", type=int, default=8000, metavar="N", help="port on this machine (default 8000)"
    )
    tour = command(
        commands,
        "tour",
        _tour,
        "Show the main flow on a throw-away database, and check every step.",
        config=False,
    )
    tour.add_argument(
        "--keep", type=Path, metavar="DIR", help="leave the export and the public key there"
    )
    bench = command(
        commands, "bench", bench_run, "Measure what speed is promised for.", config=False
    )
    bench.add_argument("names", nargs="*", metavar="NAME", help="only these figures")
    bench.add_argument("--json", action="store_true", help="print JSON")
    bench.add_argument(
        "--tamper", type=int, metavar="N", help="alter N copies of a log and verify them, instead"
    )
    bench.add_argument(
        "--signals",
        action="store_true",
        help="only how many planted snoopers are found, and how often for nothing",
    )
    bench.add_argument(
        "--faults",
        action="store_true",
        help="kill 180 writers on SQLite and crash PostgreSQL 20 times, instead",
    )
    bench.add_argument("--seed", type=int, default=1, metavar="N", help="for --tamper and --faults")


def _demo(options: argparse.Namespace) -> int:
    from app.demonstration import run_demonstration

    return run_demonstration(options.folder, port=options.port)


def _tour(options: argparse.Namespace) -> int:
    from app.tour import take_tour

    return take_tour(keep=options.keep)
