"""The register extract and the extract of the log that a person gets of what is held on them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.reports.page import Language, page


@dataclass(frozen=True, kw_only=True)
class ExtractReport:
    """What the extract tells, in its own language. Times are aware UTC."""

    organisation: str
    controller: str
    municipality: str
    released_by: str
    released_at: datetime
    identities: list[list[str]]
    cases: list[list[str]]
    notes: list[list[str]]
    consents: list[list[str]]
    disclosures: list[list[str]]
    looks: list[list[str]]
    staff_named: bool
    checkpoint: str


def extract_page(report: ExtractReport, language: Language) -> str:
    """The extract as HTML, ready for `make_pdf`."""
    return page("extract.html", language, report=report)
