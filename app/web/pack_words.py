"""What a proposed rule pack changes, in the words and the order that its page shows it.

Law: OSL 10 kap. (what may be disclosed changes with the rules)
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from flask_babel import LazyString, gettext, lazy_gettext

from app.domain.pack_proposal import UNANSWERED, PackProposal, Tried
from app.flows.pack_findings import Findings
from app.flows.settle_pack import ProposalView
from app.web.case_page import named
from app.web.language import current_language
from app.web.law_words import provisions_of_ground
from app.web.trail_sentences import OUTCOMES
from policies.compare import CellChange
from policies.pack import Cite
from policies.selectors import parse_code, written_out

MOST_CELLS = 12

STATES: dict[str, tuple[LazyString, str]] = {
    "proposed": (lazy_gettext("Väntar på granskning"), "info"),
    "compared": (lazy_gettext("Granskas"), "info"),
    "unexplained": (lazy_gettext("Går inte att ta i bruk"), "danger"),
    "examined": (lazy_gettext("Granskat, väntar på beslut"), "warning"),
    "activated": (lazy_gettext("Taget i bruk"), "success"),
    "withdrawn": (lazy_gettext("Tillbakataget"), "neutral"),
}
"""Word and colour of each state."""

TRIED: dict[Tried, LazyString] = {
    "opened": lazy_gettext("Nekades, men hade kunnat lämnas ut"),
    "closed": lazy_gettext("Lämnades ut, men hade nekats"),
    "otherwise": lazy_gettext("Hade fått ett annat svar, utan att mer eller mindre lämnats ut"),
    "other_rule": lazy_gettext("Samma svar, men med stöd av en annan regel"),
    "same": lazy_gettext("Samma svar"),
    "erased": lazy_gettext("Kan inte prövas om: ärendet är gallrat"),
    "sealed": lazy_gettext("Kan inte prövas om: uppgifterna går inte att öppna"),
    "old_form": lazy_gettext("Kan inte prövas om: uppgifterna är sparade i en äldre form"),
    "not_in_pack": lazy_gettext("Kan inte prövas om: paketet saknar ord som beslutet bygger på"),
    "refused": lazy_gettext(
        "Kan inte prövas om: det nekades utan att reglerna prövades, eller är gallrat"
    ),
}
"""What came of making a recorded decision again, in the order it is shown."""

WHY_NOT: dict[str, LazyString] = {
    "in_use": lazy_gettext("Paketet är redan i bruk."),
    "same_version": lazy_gettext(
        "Paketet har samma version som det som är i bruk. Ändra versionen i pack.toml, så att "
        "skälen i CHANGES.toml hör till just den här ändringen."
    ),
    "already_proposed": lazy_gettext("Paketet är redan föreslaget och väntar."),
    "no_pack": lazy_gettext("Inget paket är i bruk, så det finns inget att jämföra med."),
    "own_proposal": lazy_gettext(
        "Du har själv föreslagit paketet. Någon annan behöver ta det i bruk."
    ),
    "not_examined": lazy_gettext("Granskningen är inte klar. Den behöver göras färdig först."),
    "unexplained": lazy_gettext(
        "Paketet släpper ut mer utan ett granskat skäl i CHANGES.toml, så det kan inte tas i bruk."
    ),
    "stale": lazy_gettext(
        "Ett annat paket har tagits i bruk sedan det här jämfördes. Föreslå det på nytt."
    ),
    "settled": lazy_gettext("Förslaget är redan avgjort. Inget har ändrats."),
    "pack_damaged": lazy_gettext(
        "Det sparade paketet är inte det som föreslogs. Inget har ändrats. Kontakta er support."
    ),
}


@dataclass(frozen=True, kw_only=True)
class CellGroup:
    """The cells that one cause opens or closes, with the smallest example."""

    widens: bool
    causes: tuple[str, ...]
    first: date
    last: date | None
    cells: tuple[str, ...]
    more: int
    given: tuple[str, ...]
    """What is the case in the example; what must not be the case is in `absent`."""
    absent: tuple[str, ...]
    stricter: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ReasonLine:
    """Why more is let out, as the pack says it."""

    title: str
    reason: str
    reviewer: str
    reviewed_on: date


@dataclass(frozen=True, kw_only=True)
class TrialLine:
    """How many recorded decisions came out in one way."""

    what: str
    own: int
    all: int
    unanswered: bool


@dataclass(frozen=True, kw_only=True)
class ChangeLine:
    """One decision of the reader's own organisation that came out otherwise."""

    decided_at: datetime
    recipient: str
    before: str
    after: str
    grounds: str


def state_of(proposal: PackProposal) -> tuple[str, str]:
    """Word and colour."""
    word, color = STATES[proposal.state]
    return str(word), color


def cell_groups(findings: Findings) -> list[CellGroup]:
    """What changes, by cause: what lets out more first."""
    return [_group(cells, findings) for cells in findings.comparison.by_cause()]


def reason_lines(findings: Findings) -> list[ReasonLine]:
    """The reasons that the pack gives."""
    return [
        ReasonLine(
            title=_title(one.rule, findings),
            reason=one.reason,
            reviewer=one.reviewer,
            reviewed_on=one.reviewed_on,
        )
        for one in findings.reasons
    ]


def unexplained(findings: Findings) -> list[str]:
    """The rules that lack a reviewed reason, by title."""
    return [_title(name, findings) for name in findings.unexplained]


def trial_lines(view: ProposalView, organisation_id: str) -> list[TrialLine]:
    """Every outcome that there is any of."""
    lines = []
    for tried, word in TRIED.items():
        counts = {org: n for (org, what), n in view.trials.items() if what == tried}
        if counts:
            lines.append(
                TrialLine(
                    what=str(word),
                    own=counts.get(organisation_id, 0),
                    all=sum(counts.values()),
                    unanswered=tried in UNANSWERED,
                )
            )
    return lines


def change_lines(view: ProposalView) -> list[ChangeLine]:
    """The reader's own decisions that came out otherwise."""
    lines = []
    for one in view.changes:
        recipient = view.organisations.get(one.recipient_id)
        other_rule = one.tried == "other_rule"
        after = gettext("samma svar, annan regel") if other_rule else OUTCOMES.get(one.after, "")
        lines.append(
            ChangeLine(
                decided_at=one.decided_at,
                recipient=recipient.name if recipient else "",
                before=str(OUTCOMES.get(one.before, one.before)),
                after=str(after),
                grounds=", ".join(provisions_of_ground(name, one.pack) for name in one.grounds),
            )
        )
    return lines


def _group(cells: tuple[CellChange, ...], findings: Findings) -> CellGroup:
    first, lang = cells[0], current_language()
    shown = dict.fromkeys(_cell(one, findings) for one in cells)
    given = first.example.given("en" if lang == "en" else "sv")
    # The pack's own sentence for what must not be so; it makes up most of an example.
    lead = "it is not so that " if lang == "en" else "det är inte så att "
    return CellGroup(
        widens=first.direction == "widens",
        causes=tuple(_title(name, findings) for name in first.rules),
        first=first.first,
        last=first.last,
        cells=tuple(shown)[:MOST_CELLS],
        more=max(0, len(shown) - MOST_CELLS),
        given=tuple(one for one in given if not one.startswith(lead)),
        absent=tuple(one.removeprefix(lead) for one in given if one.startswith(lead)),
        stricter=first.example.stricter("en" if lang == "en" else "sv"),
    )


def _cell(cell: CellChange, findings: Findings) -> str:
    """`Socialtjänst till Polis: OSL 26 kap. 1 §`."""
    sender = _kind(cell.sender, findings)
    recipient = _kind(cell.recipient, findings)
    about = " ".join(part for part in (cell.category, _provision(cell.secrecy)) if part)
    return str(
        gettext(
            "%(sender)s till %(recipient)s: %(secrecy)s",
            sender=sender,
            recipient=recipient,
            secrecy=about or gettext("utan sekretess"),
        )
    )


def _kind(code: str, findings: Findings) -> str:
    if code == "*":
        return str(gettext("alla"))
    found = findings.kinds.get(code)
    return (found[1] if current_language() == "en" else found[0]) if found else code


def _provision(code: str) -> str:
    parsed = parse_code(code)
    if parsed is None:
        return code
    section = f"{parsed.section}{parsed.letter}"
    return written_out(
        Cite(act=parsed.act, at=f"{parsed.chapter}:{section}" if parsed.chapter else section)
    )


def _title(name: str, findings: Findings) -> str:
    found = findings.titles.get(name)
    if found is None:
        kind, _, code = name.partition(" ")
        row = gettext("sekretesstabellen, %(provision)s", provision=_provision(code))
        return str(row) if kind == "secrecy" and code else name
    return f"{found[1] if current_language() == 'en' else found[0]} ({name})"


def by_whom(view: ProposalView, staff_id: str | None) -> str:
    """The name of somebody on the page."""
    return named(view.staff.get(staff_id or ""))
