"""Who works in the demonstration, as what, and what they may decide."""

from __future__ import annotations

from dataclasses import dataclass

PASSWORD = "slussa lugnt i fryken"  # noqa: S105 - meant to be known
"""Everybody's in the demonstration. Known to all, and therefore served on loopback only."""

DISCLOSE = "disclose"
"""The decision that every delegation here is about."""


@dataclass(frozen=True, kw_only=True)
class Employee:
    """A member of staff with a sign-in, a title and a role in one or several organisations."""

    username: str
    name: str
    title: str
    role: str
    organisations: tuple[str, ...]
    item: str = ""
    """Place in the delegation order under which they decide to disclose; empty: they may not."""
    beside: tuple[str, ...] = ()
    """Roles that they hold beside it."""


def _at(
    organisation: str, username: str, name: str, title: str, item: str, role: str = "case_worker"
) -> Employee:
    return Employee(
        username=username,
        name=name,
        title=title,
        role=role,
        organisations=(organisation,),
        item=item,
    )


STAFF: tuple[Employee, ...] = (
    _at("sunne-soc", "karin", "Karin Fryksmed", "socialsekreterare", "4.2"),
    _at("polisen-torsby", "sara", "Sara Älvholm", "kommunpolis", "3.7"),
    _at("sunne-soc", "birgitta", "Birgitta Norrsluss", "enhetschef", "4.1", role="supervisor"),
    _at("sunne-soc", "jonas", "Jonas Tallhed", "socialsekreterare", "4.2"),
    _at("sunne-soc", "nils", "Nils Ängvret", "socialsekreterare (ny)", ""),
    _at("sunne-soc", "mona", "Mona Granvåg", "registrator", "", role="records_officer"),
    _at("sunne-soc", "petra", "Petra Kabelvik", "systemförvaltare", "", role="administrator"),
    _at("sunne-soc", "sixten", "Sixten Lövhage", "nämndsekreterare", "", role="board_secretary"),
    _at("sunne-soc", "astrid", "Astrid Mårdhed", "kommunjurist", "", role="lawyer"),
    _at("sunne-soc", "gunvor", "Gunvor Revhage", "extern revisor", "", role="reviewer"),
    Employee(
        username="erik",
        name="Erik Stenbryn",
        title="dataskyddsombud",
        role="data_protection_officer",
        organisations=("sunne-soc", "sunne-skola", "sunne-elevhalsa", "sunne-skolhalsa"),
    ),
    _at("sunne-skola", "anneli", "Anneli Björkvret", "rektor", "2.1", role="principal"),
    _at("sunne-skola", "viktor", "Viktor Lövmark", "lärare", ""),
    _at("sunne-elevhalsa", "farida", "Farida Lindsluss", "skolkurator", "2.4"),
    _at("sunne-skolhalsa", "lena", "Lena Vitmåra", "skolsköterska", "2.5"),
    _at("friskolan-granen", "tomas", "Tomas Kvisthed", "rektor", "1.3", role="principal"),
    _at("sunne-fritid", "nadja", "Nadja Holmvret", "fritidsledare", "5.2"),
    _at(
        "sunne-bra",
        "per",
        "Per Ulvhage",
        "brottsförebyggande samordnare",
        "1.8",
        role="coordinator",
    ),
    Employee(
        username="hakan",
        name="Håkan Ljusvret",
        title="socialsekreterare, socialjour",
        role="case_worker",
        organisations=("torsby-soc",),
        item="4.3",
        beside=("on_call",),
    ),
    _at("torsby-skola", "yasmin", "Yasmin Bergsluss", "rektor", "2.1", role="principal"),
    _at("torsby-elevhalsa", "ulrika", "Ulrika Stormed", "skolkurator", "2.4"),
    _at("torsby-fritid", "david", "David Mossvret", "fritidsledare", "5.1"),
    _at("hagfors-soc", "maryam", "Maryam Skogsluss", "socialsekreterare", "4.2"),
    _at("hagfors-skola", "oskar", "Oskar Uvhed", "rektor", "2.2", role="principal"),
    _at(
        "hagfors-bra",
        "eva",
        "Eva Klarmyr",
        "brottsförebyggande samordnare",
        "1.6",
        role="coordinator",
    ),
    _at("munkfors-soc", "elin", "Elin Forsgläntan", "socialsekreterare", "4.2"),
    _at("munkfors-skola", "bosse", "Bosse Laxmed", "rektor", "2.1", role="principal"),
    _at("munkfors-fritid", "jasmine", "Jasmine Älvmed", "fritidsledare", "5.1"),
    _at("polisen-torsby", "mats", "Mats Brovret", "gruppchef", "3.5", role="supervisor"),
    _at("akuten-torsby", "ingrid", "Ingrid Sjövret", "sjuksköterska", "7.4"),
)
