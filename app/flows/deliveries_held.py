"""Deliveries, held to the entries that sent, stopped and filed them.

A delivery that was stopped is gone, one that was filed is its case's, and one on its way has not
come in. The row that says so is one that whoever has the database's password can put back or
change. So none is read where the sender's entry tells of another recipient or instant, or an entry
of that disclosure's stopping is there, or the recipient's own entries tell of another filing. What
the log no longer says, because that has been erased or pruned by decision, is taken as the row has
it.
Law: OSL 8 kap. 1 §; TF 2 kap. 9 §
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from app.domain.actor import Actor
from app.domain.organisation import LONGEST_UNDO_SECONDS
from app.flows.access_held import DELIVERY, as_told, says
from app.flows.access_log import NEWEST, AccessLog, as_said
from app.flows.happened import happened
from app.flows.rows_held import Said
from app.flows.sealing import open_case_key
from app.keys import CaseKey, KeyFault, Rings, case_of_key_id, event_sealer
from app.records.access_entries import FoundEntry, access_entries, entries_between
from app.records.case_review import cases_by_id
from app.records.delivery import DeliveryEntries, StoredDelivery, entries_of_deliveries
from app.records.transaction import Transaction

_STOPS = ("delivery.stopped", "consent.withdrawn")
_FILES = ("delivery.filed",)
_INSTANT = slice(0, 13)
"""Where an id has the millisecond in which it was made."""
_MILLISECOND = timedelta(milliseconds=1)


def unlike_deliveries(
    tx: Transaction, stored: Sequence[StoredDelivery], rings: Rings
) -> frozenset[str]:
    """Those of one recipient's that are not as the log says, by id. They must be held.

    Five queries and one for each sender, and a few more where a part of an entry is gone.
    """
    if not stored:
        return frozenset()
    named = entries_of_deliveries(tx, [one.id for one in stored])
    sent = _Sent(tx, stored, named, rings)
    filed = _read_filings(tx, stored, named, rings, after=sent.first)
    return frozenset(
        one.id
        for one in stored
        if not (sent.holds(one) and _is_filed_so(one, named[one.id].filed, filed))
    )


def tell_unlike_deliveries(
    tx: Transaction, unlike: Iterable[str], actor: Actor, rings: Rings, *, at: datetime
) -> None:
    """One entry of each, of who would have seen it."""
    for delivery_id in sorted(unlike):
        event = happened(DELIVERY, "deny", actor, at=at, about={"delivery": delivery_id})
        tx.record(event, sealer=event_sealer(rings.current(actor.organisation_id), None))


class _Sent:
    """What the senders' entries say of some deliveries."""

    def __init__(
        self,
        tx: Transaction,
        stored: Sequence[StoredDelivery],
        named: Mapping[str, DeliveryEntries],
        rings: Rings,
    ) -> None:
        found = access_entries(tx, {one.sent for one in named.values()}, organisation_id="", ops=())
        senders = sorted({one.sender_id for one in stored})
        keys = {one: _case_keys(tx, found, one, rings) for one in senders}
        self._named = named
        self._logs = {one: as_said(tx, rings.current(one), found, keys[one]) for one in senders}
        spans = [span for one in stored if (span := _on_its_way(self._made(one)))]
        ends = entries_between(tx, spans, _STOPS) if spans else ()
        self._stopped = {
            one: _stopped(as_said(tx, rings.current(one), ends, keys[one]).said)
            for one in senders
            if ends
        }
        self.first = min((one.leaf.n for one in found), default=-1)

    def _made(self, one: StoredDelivery) -> Said | int | None:
        return self._logs[one.sender_id].made(self._named[one.id].sent)

    def holds(self, one: StoredDelivery) -> bool:
        """Whether the delivery was sent as its row says, and not stopped."""
        made = self._made(one)
        # The two are named in one instant, so no other's entry passes for it, nor one pruned.
        if made is None or self._named[one.id].sent[_INSTANT] != one.id[_INSTANT]:
            return False
        if isinstance(made, int):
            return True
        arrives = one.arrives_at.isoformat()
        if not says(
            made,
            "note.disclosed",
            detail={"recipient": one.organisation_id, **as_told(made, {"arrives_at": arrives})},
        ):
            return False
        disclosure = made.values.get("detail", {}).get("disclosure")
        return (
            made.entry.ct in (None, one.ct_hash)
            and one.arrives_at >= _instant(made)
            and disclosure not in self._stopped.get(one.sender_id, ())
        )


def _instant(made: Said) -> datetime:
    milliseconds = int(made.entry.id[_INSTANT].replace("-", ""), 16)
    return datetime.fromtimestamp(0, tz=UTC) + timedelta(milliseconds=milliseconds)


def _on_its_way(made: Said | int | None) -> tuple[str, str] | None:
    """Between which ids an entry that stopped it would be; None where it could not be, or where
    what that entry would tell is gone."""
    if not isinstance(made, Said) or "detail" not in made.values:
        return None
    sent, told = _instant(made), made.values["detail"].get("arrives_at")
    longest = sent + timedelta(seconds=LONGEST_UNDO_SECONDS)
    arrives = datetime.fromisoformat(told) if isinstance(told, str) else longest
    return (_named_from(sent), _named_from(arrives + _MILLISECOND)) if arrives > sent else None


def _named_from(at: datetime) -> str:
    """What ids that are made from then on come after."""
    made = f"{int(at.timestamp() * 1000):012x}"
    return f"{made[:8]}-{made[8:]}"


def _stopped(ends: Iterable[Said]) -> frozenset[str]:
    """The disclosures that these entries stopped."""
    return frozenset(one for said in ends if said.entry.res == "allow" for one in _stops(said))


def _stops(said: Said) -> Iterator[str]:
    detail = said.values.get("detail", {})
    stopped = detail.get("stopped")
    yield str(detail.get("disclosure", ""))
    yield from (str(one) for one in (stopped if isinstance(stopped, list) else ()))


def _read_filings(
    tx: Transaction,
    stored: Sequence[StoredDelivery],
    named: Mapping[str, DeliveryEntries],
    rings: Rings,
    *,
    after: int,
) -> AccessLog:
    """The recipient's entries that filed anything since the first of these was sent."""
    (recipient,) = {one.organisation_id for one in stored}
    found = access_entries(
        tx,
        {one.filed for one in named.values() if one.filed is not None},
        organisation_id=recipient,
        ops=_FILES,
        newest=NEWEST,
        after=after,
    )
    keys = _case_keys(tx, found, recipient, rings)
    return as_said(tx, rings.current(recipient), found, keys)


def _is_filed_so(one: StoredDelivery, named: str | None, log: AccessLog) -> bool:
    """Whether it is in the case where its own entry filed it, and in none where none did."""
    told = [about for about in map(_filing, log.said) if about.get("delivery") == one.id]
    if named is None:
        return not told and (one.filed_case_id, one.filed_note_id) == (None, None)
    made = log.made(named)
    if made is None:
        return False
    here = {"case": one.filed_case_id, "note": one.filed_note_id}
    if isinstance(made, Said) and not says(
        made, "delivery.filed", object={"delivery": one.id, **here}
    ):
        return False
    return all(about.get(part) == it for about in told for part, it in here.items())


def _filing(said: Said) -> Mapping[str, object]:
    filed = (said.entry.op, said.entry.res) == ("delivery.filed", "allow")
    return said.values.get("object", {}) if filed else {}


def _case_keys(
    tx: Transaction, found: Sequence[FoundEntry], organisation_id: str, rings: Rings
) -> dict[str, CaseKey]:
    """The keys of the organisation's cases that the entries are sealed under, those that open."""
    sealed = {part.key_id for one in found for part in one.details.values()}
    case_ids = {case_id for key_id in sealed if (case_id := case_of_key_id(key_id)) is not None}
    keys: dict[str, CaseKey] = {}
    for case in cases_by_id(tx, case_ids, organisation_id=organisation_id).values():
        try:
            key = open_case_key(rings, case.key)
        except KeyFault:
            continue  # then what is sealed under it vouches for nothing
        keys[key.key_id] = key
    return keys
