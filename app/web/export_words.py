"""An export in words: its state, what it holds, who ordered and who decided."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from flask_babel import gettext, lazy_gettext

from app.domain.case import Case
from app.domain.export_terms import ExportJob
from app.domain.staff import StaffMember
from app.web.case_page import named

STATES = {
    "ordered": (lazy_gettext("Väntar på att släppas"), "warning"),
    "refused": (lazy_gettext("Nekad"), "danger"),
    "released": (lazy_gettext("Släppt, ska skrivas"), "info"),
    "written": (lazy_gettext("Väntar på att loggen signeras"), "info"),
    "ready": (lazy_gettext("Klar att hämta"), "success"),
}


@dataclass(frozen=True, kw_only=True)
class ExportLine:
    """One export as a list or a page shows it."""

    id: str
    state: str
    state_word: str
    color: str
    scope: str
    day_from: date | None
    day_until: date | None
    recipient: str
    purpose: str
    ordered_by: str
    ordered_at: datetime
    decided_by: str
    decided_at: datetime | None
    ready_at: datetime | None
    size: str
    sha256: str
    file_name: str
    encrypted: bool
    staff_named: bool
    reasons_shown: bool
    begun_again: bool


def export_line(
    job: ExportJob, cases: Iterable[Case], staff: Mapping[str, StaffMember]
) -> ExportLine:
    """The export in the reader's language."""
    word, color = STATES[job.state]
    case = next((one for one in cases if one.id == job.case_id), None)
    scope = gettext("Hela organisationen")
    if job.case_id:
        scope = gettext("Ärende %(number)s", number=case.reference if case else "")
    terms = job.terms
    return ExportLine(
        id=job.id,
        state=job.state,
        state_word=str(word),
        color=color,
        scope=str(scope),
        day_from=terms.day_from,
        day_until=terms.day_until,
        recipient=terms.recipient,
        purpose=terms.purpose,
        ordered_by=named(staff.get(job.ordered_by)),
        ordered_at=job.ordered_at,
        decided_by=named(staff.get(job.decided_by or "")),
        decided_at=job.decided_at,
        ready_at=job.ready_at,
        size=_size(job.size),
        sha256=job.sha256,
        file_name=job.file_name,
        encrypted=bool(terms.age_key),
        staff_named=terms.staff_named,
        reasons_shown=terms.reasons_shown,
        begun_again=job.begun_again,
    )


def _size(count: int) -> str:
    if count < 1_000_000:
        return f"{max(1, count // 1000)} kB"
    return f"{count / 1_000_000:.1f} MB"
