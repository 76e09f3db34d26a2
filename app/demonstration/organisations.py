"""The organisations of the demonstration: four municipalities, their police and their hospital.

Not everything everywhere: enough for every kind of recipient, few enough to read as a list.
"""

from __future__ import annotations

from datetime import date

from app.domain.organisation import Organisation, Period

_ALWAYS = (Period(valid_from=date(2009, 7, 1)),)
# An independent school whose owner is a legal person counts as an authority from this day on.
_FROM_2027 = (Period(valid_from=date(2027, 1, 1)),)

_BOARDS = {
    "Socialnämnden": "socialnamnd",
    "Utbildningsnämnden": "utbildningsnamnd",
    "Kultur- och fritidsnämnden": "fritidsnamnd",
    "Kommunstyrelsen": "kommunstyrelse",
}


def _municipal(
    town: str, branch: str, kind: str, name: str, *, board: str, undo_seconds: int = 120
) -> Organisation:
    """A branch of one of a municipality's boards."""
    place = town.lower()
    return Organisation(
        id=f"{place}-{branch}",
        name=name,
        kind=kind,
        authority_id=f"{place}-{_BOARDS[board]}",
        authority_name=f"{board} i {town}",
        municipality=town,
        controller=f"{board} i {town} kommun",
        authority_periods=_ALWAYS,
        undo_seconds=undo_seconds,
    )


def _social_services(town: str, undo_seconds: int = 120) -> Organisation:
    return _municipal(
        town,
        "soc",
        "SOC",
        f"Socialtjänsten i {town}",
        board="Socialnämnden",
        undo_seconds=undo_seconds,
    )


def _school(town: str, branch: str, kind: str, name: str) -> Organisation:
    return _municipal(town, branch, kind, f"{name}, {town}", board="Utbildningsnämnden")


def _leisure(town: str, name: str) -> Organisation:
    return _municipal(
        town, "fritid", "LEISURE", f"{name}, {town}", board="Kultur- och fritidsnämnden"
    )


def _crime_prevention(town: str) -> Organisation:
    return _municipal(
        town,
        "bra",
        "CRIMEPREV",
        f"Brottsförebyggande samordningen i {town}",
        board="Kommunstyrelsen",
    )


_INDEPENDENT = Organisation(
    id="friskolan-granen",
    name="Friskolan Granen, Sunne",
    kind="SCHOOL_I",
    authority_id="friskolan-granen",
    authority_name="Stiftelsen Friskolan Granen",
    municipality="Sunne",
    controller="Stiftelsen Friskolan Granen",
    authority_periods=_FROM_2027,
)

_POLICE = Organisation(
    id="polisen-torsby",
    name="Lokalpolisområde Torsby",
    kind="POLICE",
    authority_id="polisen",
    authority_name="Polismyndigheten",
    municipality="",
    controller="Polismyndigheten",
    authority_periods=_ALWAYS,
)

_EMERGENCY_WARD = Organisation(
    id="akuten-torsby",
    name="Akutmottagningen, Torsby sjukhus",
    kind="REGION",
    authority_id="region-varmland",
    authority_name="Regionstyrelsen i Värmland",
    municipality="",
    controller="Regionstyrelsen i Värmland",
    authority_periods=_ALWAYS,
)

ORGANISATIONS: tuple[Organisation, ...] = (
    _social_services("Sunne"),
    _school("Sunne", "skola", "SCHOOL_M", "Näckrosskolan"),
    _school("Sunne", "elevhalsa", "SCHOOL_M_EH", "Elevhälsan, kurator"),
    _school("Sunne", "skolhalsa", "SCHOOL_M_MED", "Elevhälsan, skolsköterska"),
    _leisure("Sunne", "Fritidsgården Bryggan"),
    _crime_prevention("Sunne"),
    _INDEPENDENT,
    _social_services("Torsby"),
    _school("Torsby", "skola", "SCHOOL_M", "Lommarskolan"),
    _school("Torsby", "elevhalsa", "SCHOOL_M_EH", "Elevhälsan, kurator"),
    _leisure("Torsby", "Fritidsgården Stegen"),
    _social_services("Hagfors"),
    _school("Hagfors", "skola", "SCHOOL_M", "Järnbroskolan"),
    _crime_prevention("Hagfors"),
    _social_services("Munkfors"),
    _school("Munkfors", "skola", "SCHOOL_M", "Laxforsskolan"),
    _leisure("Munkfors", "Fritidsgården Älvrummet"),
    _POLICE,
    _EMERGENCY_WARD,
)
