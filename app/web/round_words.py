"""A round's items as rows: who, what act, when, which case, and why it is in the sample."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from flask_babel import LazyString, gettext, lazy_gettext, ngettext

from app.domain.log_round import WHYS, ItemAnswer, RoundItem, Why
from app.domain.staff import StaffMember
from app.flows.see_round import ItemSeen, RoundSeen
from app.web.case_page import named
from app.web.signals import WHY

WHY_IN_SAMPLE: dict[Why, LazyString] = {
    "emergency": lazy_gettext("nödöppning, alltid med"),
    "signal": lazy_gettext("signal, alltid med"),
    "chance": lazy_gettext("dragen bland dagens ärenden"),
    "risk": lazy_gettext("dragen efter risk"),
}
_ACTS: dict[str, LazyString] = {
    "case.viewed": lazy_gettext("såg ärendets sida"),
    "delivery.opened": lazy_gettext("öppnade något som hade kommit in"),
    "delivery.viewed": lazy_gettext("såg något som hade kommit in"),
    "emergency.opened": lazy_gettext("nödöppnade ärendet"),
    "note.read": lazy_gettext("öppnade anteckningar"),
    "note.title_viewed": lazy_gettext("såg en rubrik"),
    "note.versions_read": lazy_gettext("öppnade alla versioner av en anteckning"),
    "note.disclosed": lazy_gettext("lämnade ut en anteckning"),
    "note.written": lazy_gettext("skrev en anteckning"),
    "note.corrected": lazy_gettext("rättade en anteckning"),
}


@dataclass(frozen=True, kw_only=True)
class ItemLine:
    """One item, in the reader's language."""

    id: str
    at: datetime
    who: str
    what: str
    reference: str
    in_team: bool
    why: str
    mine: bool
    asked_by: str
    seen: ItemSeen
    reviewer: str


def item_lines(seen: RoundSeen) -> list[ItemLine]:
    """Every item of the round, those without an answer first."""
    return [_line(one, seen.staff) for one in seen.items]


def act_words(item: RoundItem, who: str) -> str:
    """What the person did, as little as answers the question."""
    if item.why == "signal":
        kind = next((kind for kind in WHY if kind == item.key.partition("|")[0]), None)
        return f"{WHY[kind]}" % {"who": who, "count": item.count} if kind else ""
    act = _ACTS.get(item.op)
    told = str(act) if act else gettext("arbetade i ärendet")
    if item.count == 1:
        return str(told)
    if item.case_id is None:
        return str(gettext("%(act)s, %(count)s gånger den dagen", act=told, count=item.count))
    more = ngettext("en gång till", "%(num)s gånger till", item.count - 1)
    return str(
        gettext("%(act)s, och gjorde något i ärendet %(more)s den dagen", act=told, more=more)
    )


def _line(one: ItemSeen, staff: Mapping[str, StaffMember]) -> ItemLine:
    item = one.item
    who = named(staff.get(item.staff_id))
    return ItemLine(
        id=item.id,
        at=item.at,
        who=who,
        what=act_words(item, who),
        reference=one.reference,
        in_team=one.in_team,
        why=str(WHY_IN_SAMPLE[item.why]),
        mine=one.others,
        asked_by=named(staff.get(one.question.by)) if one.question else "",
        seen=one,
        reviewer=named(staff.get(one.answer.by)) if one.answer else "",
    )


@dataclass(frozen=True, kw_only=True)
class ReportRow:
    """One way into the sample, counted."""

    why: str
    all: int
    without: int
    remarks: int
    open: int


@dataclass(frozen=True, kw_only=True)
class Remark:
    """One remark as the board reads it: the case's number and no member of staff by name."""

    at: datetime
    reference: str
    why: str
    text: str


def report_rows(seen: RoundSeen) -> list[ReportRow]:
    """The counts by way into the sample, and their sum last."""
    rows = [
        _row(str(WHY_IN_SAMPLE[why]), [o for o in seen.items if o.item.why == why]) for why in WHYS
    ]
    return [*rows, _row(gettext("sammanlagt"), list(seen.items))]


def remarks_in(seen: RoundSeen) -> list[Remark]:
    """What was remarked on, the newest first."""
    return [
        Remark(
            at=one.item.at,
            reference=one.reference,
            why=str(WHY_IN_SAMPLE[one.item.why]),
            text=one.answer.remark,
        )
        for one in seen.items
        if one.answer is not None and one.answer.verdict == "remark"
    ]


def questions_in(seen: RoundSeen) -> tuple[int, int]:
    """How many questions were put, and how many of them were answered."""
    asked = [one.question for one in seen.items if one.question is not None]
    return len(asked), sum(one.replied_at is not None for one in asked)


def _row(why: str, items: list[ItemSeen]) -> ReportRow:
    answers: list[ItemAnswer] = [one.answer for one in items if one.answer is not None]
    verdicts = Counter(one.verdict for one in answers)
    return ReportRow(
        why=why,
        all=len(items),
        without=verdicts["justified"],
        remarks=verdicts["remark"],
        open=len(items) - len(answers),
    )
