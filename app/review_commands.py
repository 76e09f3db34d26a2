"""The commands for those who review: `sluss export` and `sluss incident-pack`."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from app.config import load as load_config
from app.export_command import write_exports
from app.incident_command import incident_pack, instant
from app.main import open_house

Run = Callable[[argparse.Namespace], int]
AddCommand = Callable[[str, Run, str], argparse.ArgumentParser]


def add_review_commands(add: AddCommand, operator: Callable[[], str]) -> None:
    """Add them with `add`; `operator` names whoever runs one."""

    def export(options: argparse.Namespace) -> int:
        house = open_house(load_config(options.config))
        try:
            left = write_exports(house, operator=operator(), wait_seconds=options.wait)
        finally:
            house.close()
        return 1 if left else 0

    def pack(options: argparse.Namespace) -> int:
        house = open_house(load_config(options.config))
        try:
            made = incident_pack(
                house,
                operator=operator(),
                since=options.since,
                before=options.before,
                organisation_id=options.organisation,
                into=options.into,
            )
        finally:
            house.close()
        return 0 if made else 1

    about = "Write released exports, and go on with those broken off."
    add("export", export, about).add_argument(
        "--wait",
        type=float,
        default=30.0,
        metavar="SECONDS",
        help="how long to wait for the log to be signed (default 30)",
    )
    about = "Who did what to which persons in a time window, with drafts of the reports."
    arguments = add("incident-pack", pack, about)
    for name, place, text in (("from", "since", "first instant"), ("to", "before", "its end")):
        arguments.add_argument(
            f"--{name}",
            dest=place,
            type=instant,
            required=True,
            metavar="TIME",
            help=f"{text}: YYYY-MM-DD or YYYY-MM-DDTHH:MM, Swedish time",
        )
    arguments.add_argument("--organisation", metavar="ID", help="only this one")
    arguments.add_argument("--into", type=Path, required=True, metavar="DIR", help="a new folder")
