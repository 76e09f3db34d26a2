"""Everything that goes beside the log in an export: tables, rules, report, and the list of them."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from app.domain.export_terms import ExportJob, Language
from app.flows.acts_held import hold_named, told_by
from app.flows.export_folder import hashes_below, kept_pieces
from app.flows.export_gather import Gatherer, unpacked
from app.flows.export_opener import ExportOpener
from app.flows.export_orders import stretch_of
from app.flows.export_tables import Figures, Row, write_packs, write_tables
from app.flows.printed_checkpoint import printed_checkpoint
from app.flows.rows_held import RowsDiffer, Unresting
from app.keys import Rings
from app.records.audit_log import StoredLog
from app.records.case import case_of_organisation
from app.records.organisation import organisation_of
from app.records.rule_pack import PackUnreadable, kept_pack
from app.records.staff import staff_by_id
from app.records.transaction import Transaction
from app.reports.compliance import ComplianceReport, Remark, compliance_page
from app.reports.page import words
from audit.contents import make_contents
from audit.manifest import CONTENTS, CONTENTS_FOLDER, Scope
from audit.report import Order
from audit.shown import SHOWN_PATH, would_show
from policies import Law


@dataclass(frozen=True, kw_only=True)
class Composed:
    """`contents.json`, and each file it names, by its path in the export."""

    contents: bytes
    files: dict[str, Path]

    @classmethod
    def read(cls, folder: Path) -> Composed:
        """What `compose` left in a folder."""
        below = folder / CONTENTS_FOLDER
        files = {
            path.relative_to(folder).as_posix(): path for path in below.rglob("*") if path.is_file()
        }
        return cls(contents=(folder / CONTENTS).read_bytes(), files=files)


def compose(
    folder: Path,
    job: ExportJob,
    tx: Transaction,
    rings: Rings,
    law: Law,
    *,
    print_pdf: Callable[[str], bytes],
    at: datetime,
) -> Composed:
    """Write it all below a new folder. Raises ReportFault and RowsDiffer."""
    ring = rings.current(job.organisation_id)
    below = folder / CONTENTS_FOLDER
    below.mkdir(parents=True)
    opener = ExportOpener.of_job(tx, rings, ring, job)
    gatherer = Gatherer(tx, job, opener, law)

    listed: list[int] = []
    acts: dict[int, tuple[str, str]] = {}

    def entries() -> Iterator[Row]:
        for piece in kept_pieces(tx, ring, job.id, "rows"):
            for row in unpacked(piece):
                gatherer.owed.entry(row)
                acts.update(told_by(row))
                listed.append(int(str(row["n"])))
                yield row

    figures = Figures()
    others = {
        "decisions": gatherer.decisions(),
        "assessments": gatherer.assessments(),
        "consents": gatherer.consents(),
    }
    write_tables(below, entries(), others, figures, job.terms, law)
    gatherer.owed.settle()
    hold_named(tx, stretch_of(job), acts)
    held = write_packs(below, figures, law, lambda sha256: _kept(tx, sha256))
    report = replace(
        _report(job, figures, held, tx, at=at), remarks=_remarks(gatherer.owed.unresting)
    )
    _write_about(below, report)
    pdf = print_pdf(compliance_page(report, job.terms.language))
    (below / "report.pdf").write_bytes(pdf)
    scope = scope_of(job)
    with (folder / SHOWN_PATH).open("xb") as shown:
        shown.writelines(_all_listed(would_show(StoredLog(tx), opener, scope), listed))
    (folder / CONTENTS).write_bytes(make_contents(hashes_below(folder), scope, _order(job)))
    return Composed.read(folder)


def _order(job: ExportJob) -> Order:
    terms = job.terms
    return Order(
        export=job.id,
        recipient=terms.recipient,
        purpose=terms.purpose,
        cases=terms.cases,
        staff_named=terms.staff_named,
        reasons_shown=terms.reasons_shown,
    )


def _all_listed(shown: Iterable[bytes], listed: list[int]) -> Iterator[bytes]:
    """The lines as they are, each an entry that the log itself has in the scope. Raises RowsDiffer
    unless the index of entries has led to those and no others."""
    left = deque(listed)
    for line in shown:
        n = int(line.split(b" ", 1)[0])
        if not left or left.popleft() != n:
            raise RowsDiffer(n)
        yield line
    if left:
        raise RowsDiffer(left[0])


def scope_of(job: ExportJob) -> Scope:
    """What it claims to hold all of."""
    return Scope(
        kind="case" if job.case_id else "organisation",
        of=job.case_id or job.organisation_id,
        start=job.start,
        stop=job.stop,
    )


def _kept(tx: Transaction, sha256: str) -> Mapping[str, bytes] | None:
    """The files of a pack, as they were kept when it came in use."""
    try:
        return kept_pack(tx, sha256)
    except PackUnreadable:
        return None


def _report(
    job: ExportJob,
    figures: Figures,
    written: frozenset[str],
    tx: Transaction,
    *,
    at: datetime,
) -> ComplianceReport:
    terms = job.terms
    organisation = organisation_of(tx, job.organisation_id)
    case = (
        case_of_organisation(tx, job.case_id, organisation_id=job.organisation_id)
        if job.case_id
        else None
    )
    people = staff_by_id(tx, [one for one in (job.ordered_by, job.decided_by) if one])
    return ComplianceReport(
        organisation=organisation.name if organisation else "",
        controller=organisation.controller if organisation else "",
        case=case.case.reference if case else "",
        day_from=terms.day_from.isoformat() if terms.day_from else "",
        day_until=terms.day_until.isoformat() if terms.day_until else "",
        recipient=terms.recipient,
        purpose=terms.purpose,
        # Those who decide about an export answer for it by name, whoever else is left out.
        ordered_by=people[job.ordered_by].name if job.ordered_by in people else "",
        ordered_at=job.ordered_at,
        released_by=people[job.decided_by].name if job.decided_by in people else "",
        released_at=job.decided_at,
        made_at=at,
        staff_named=terms.staff_named,
        reasons_shown=terms.reasons_shown,
        entries=figures.entries,
        start=job.start,
        stop=job.stop,
        by_noun=dict(figures.by_noun),
        by_result=dict(figures.by_result),
        by_month=dict(sorted(figures.by_month.items())),
        by_recipient=dict(figures.by_recipient.most_common(20)),
        disclosures=figures.disclosures,
        refusals=figures.refusals,
        consents=figures.consents,
        listed=figures.listed,
        turns=figures.turns,
        listed_turns=figures.listed_turns,
        packs=_packs(figures, written, terms.language),
        checkpoint=printed_checkpoint(tx),
        together=len(terms.cases) or 1,
    )


def _remarks(unresting: Sequence[Unresting]) -> list[Remark]:
    return [Remark(n=one.n, code=one.why, consent=one.consent_id) for one in unresting]


def _packs(figures: Figures, written: frozenset[str], language: Language) -> list[list[str]]:
    held = words(language).gettext("finns i contents/rules")
    elsewhere = words(language).gettext("finns inte här: det går inte att läsa")
    return [
        [digest, str(count), held if digest in written else elsewhere]
        for digest, count in sorted(figures.packs.items())
    ]


def _write_about(folder: Path, report: ComplianceReport) -> None:
    about = {
        "organisation": report.organisation,
        "controller": report.controller,
        "case": report.case,
        "from": report.day_from,
        "until": report.day_until,
        "recipient": report.recipient,
        "purpose": report.purpose,
        "ordered_by": report.ordered_by,
        "ordered": report.ordered_at.isoformat(),
        "released_by": report.released_by,
        "released": report.released_at.isoformat() if report.released_at else "",
        "one_of": report.together,
        "entries": report.entries,
        "staff_named": report.staff_named,
        "reasons_shown": report.reasons_shown,
    }
    text = json.dumps(about, ensure_ascii=False, indent=1)
    (folder / "about.json").write_text(text, "utf-8")
