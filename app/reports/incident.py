"""Drafts of the three reports of an incident: within 24 hours, 72 hours and one month.

What the log knows is filled in; what only people know stands in brackets. The times are those of
the Swedish cybersecurity act (2025:1506) and its ordinance (2025:1507); whoever reports checks the
wording against the act and the authority's own form. A personal data breach is reported to IMY
beside it, within 72 hours.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from app.reports.page import local_time


@dataclass(frozen=True, kw_only=True)
class IncidentFigures:
    """What the drafts tell. Times are aware UTC."""

    since: datetime
    before: datetime
    whose: str
    controllers: tuple[str, ...]
    entries: int
    staff: int
    cases: int
    persons: int
    reads: int
    disclosures: int
    refused: int
    faults: int
    first: datetime | None
    last: datetime | None
    log_size: int
    checkpoint: str


def write_drafts(folder: Path, figures: IncidentFigures, at: datetime) -> None:
    """The three drafts as text files."""
    for name, text in drafts(figures, at).items():
        (folder / name).write_text(text, encoding="utf-8")


def drafts(figures: IncidentFigures, at: datetime) -> Mapping[str, str]:
    """File name -> text."""
    known = _known(figures, at)
    return {
        "1-inom-24-timmar.txt": _WARNING + known,
        "2-inom-72-timmar.txt": _NOTIFICATION + known + _assessment(figures),
        "3-inom-en-manad.txt": _FINAL + known + _assessment(figures) + _LEARNT,
    }


_WARNING = """\
UTKAST: varning om betydande incident, inom 24 timmar från att den upptäcktes
(cybersäkerhetslagen 2025:1506; kontrollera mot lagen och tillsynsmyndighetens formulär)

Rapporterande verksamhet:     [fyll i]
Kontaktperson:                [fyll i]
Upptäckt:                     [dag och klockslag]
Misstänks ett brott?          [ja/nej/vet inte ännu]
Gränsöverskridande verkan?    [ja/nej/vet inte ännu]

"""
_NOTIFICATION = """\
UTKAST: incidentanmälan, inom 72 timmar från att den upptäcktes
(cybersäkerhetslagen 2025:1506; kontrollera mot lagen och tillsynsmyndighetens formulär)
Om personuppgifter har röjts, ändrats eller gått förlorade: anmäl också till IMY inom 72 timmar
(dataskyddsförordningen artikel 33). Den personuppgiftsansvarige anmäler, var och en för sitt.

Uppdatering av varningen:     [vad vet vi nu som vi inte visste då]
Allvar och verkan:            [bedömning]
Tecken på intrång:            [vad har setts, och av vem]

"""
_FINAL = """\
UTKAST: slutrapport, inom en månad från incidentanmälan
(cybersäkerhetslagen 2025:1506; kontrollera mot lagen och tillsynsmyndighetens formulär)
Pågår incidenten ännu: lämna en lägesrapport i stället, och slutrapporten när den är över.

Vad som hände:                [i ordning]
Trolig orsak:                 [fyll i]
Vidtagna åtgärder:            [fyll i]
Gränsöverskridande verkan:    [fyll i]

"""
_LEARNT = """\

Efter incidenten
----------------
Vad ändras:                   [fyll i]
Vem svarar för det, till när: [fyll i]
Registrerade underrättade:    [ja/nej, när; dataskyddsförordningen artikel 34]
"""


def _known(figures: IncidentFigures, at: datetime) -> str:
    controllers = "\n".join(f"  - {name}" for name in figures.controllers) or "  - ingen"
    return f"""\
Vad loggen vet
--------------
Tidsfönster:                  {local_time(figures.since)} till {local_time(figures.before)}
Gäller:                       {figures.whose}
Poster i loggen:              {figures.entries}
Första och sista:             {local_time(figures.first)} till {local_time(figures.last)}
Medarbetare:                  {figures.staff} (who.csv)
Slag av händelser:            what.csv, och alla i acts.jsonl
Ärenden:                      {figures.cases} (persons.csv)
Personer i ärendena:          {figures.persons}
Läsningar av texter:          {figures.reads}
Utlämnanden:                  {figures.disclosures}
Nekade försök:                {figures.refused}
Fel i tjänsten:               {figures.faults}
Personuppgiftsansvariga:
{controllers}
Loggens längd:                {figures.log_size} poster när utdraget gjordes, {local_time(at)}
Kontrollpunkt:
{_indented(figures.checkpoint) or "  ingen"}
"""


def _assessment(figures: IncidentFigures) -> str:
    return f"""
Bedömning
---------
Berörda personer:             högst {figures.persons} [hur många av dem är verkligen berörda?]
Slag av uppgifter:            [sekretessbelagda uppgifter om unga; ange vilka]
Skyddade personuppgifter:     [finns sådana bland de berörda? agera först för dem]
Trolig följd för de berörda:  [fyll i]
Åtgärder hittills:            [fyll i]
"""


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.splitlines())
