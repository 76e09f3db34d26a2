"""The main flow as people do it on the pages, with every field they can write in filled by a test.

`Story.word` is asked for what to write in each field, by the field's own name here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from sqlalchemy import select
from werkzeug.test import TestResponse

from app.domain.emergency import LASTS, EmergencyTerms
from app.domain.ids import new_id
from app.domain.log_round import ReviewRound, RoundItem
from app.flows.emergency_terms import seal_terms
from app.flows.pack_folder import PACKS
from app.keys import event_sealer
from app.records.approval import approval
from app.records.case import case_person
from app.records.consent import consent
from app.records.delegation import delegation
from app.records.delivery import delivery
from app.records.disclosure import disclosure
from app.records.emergency import insert_opening
from app.records.export_job import export_job
from app.records.note import note
from app.records.review_round import insert_items, insert_round, review_item, review_round
from audit.entry import Event
from policies.training import packaged_training
from tests.attacks.house import House
from tests.flows.packs import reworded

PLAIN = {
    "category": "K11",
    "contact_kind": "none",
    "committed_crime": "no",
    "investigation": "no",
    "reporter_identity": "no",
    "concern_report": "no",
    "health_serious": "no",
}
BORN = date(2009, 5, 4)


def a_number(born: date, serial: int = 238) -> str:
    """A personal identity number that the tax agency gives to nobody: ÅÅÅÅMMDD-NNNN."""
    short = f"{born:%y%m%d}{serial}"
    doubled = (int(c) * (2 - place % 2) for place, c in enumerate(short))
    check = -sum(n - 9 if n > 9 else n for n in doubled) % 10
    return f"{born:%Y%m%d}-{serial}{check}"


@dataclass
class Story:
    """What is told of, by id, once it has been told."""

    house: House
    word: Callable[[str], str]
    reference: str = "SN 2026/4839201"
    number: str = a_number(BORN)
    request_reference: str = "AM-7390214-26"
    case: str = ""
    young: str = ""
    sibling: str = ""
    notes: list[str] = field(default_factory=list)
    consent: str = ""
    disclosures: list[str] = field(default_factory=list)
    delivery: str = ""
    exports: list[str] = field(default_factory=list)
    approval: str = ""
    delegation: str = ""
    """One of the police's."""
    received_case: str = ""
    opening: str = ""
    round: str = ""
    item: str = ""
    proposal: str = ""
    certificate: str = ""
    """Karin's, of training."""

    def reason(self, name: str) -> str:
        """A word in a sentence, because one word is no reason."""
        return f"Det beror på {self.word(name)} och inget annat."

    def tell(self) -> Story:
        """From the first case to the supervisor's review."""
        self.start_case()
        self.write_notes()
        self.declare_relation()
        self.disclose()
        self.write_letter()
        self.approve()
        self.consent_and_withdraw()
        self.receive()
        self.review()
        self.export()
        self.prepare_extract()
        self.open_at_the_police()
        self.draw_at_the_police()
        self.propose_rules()
        self.practise()
        return self

    def start_case(self) -> None:
        karin = self.house.as_("karin")
        karin.see("/")
        karin.post("/", {"sought": self.word("young name")})
        answer = karin.post(
            "/arenden/nytt",
            {
                "name": self.word("young name"),
                "number": self.number,
                "reference": self.reference,
                "protected": "no",
            },
        )
        self.case = _where(answer).rsplit("/", 1)[-1]
        karin.see(self.at("case"))
        sibling = {"name": self.word("sibling name"), "protected": "no", "relation": "sibling"}
        _done(karin.post(self.at("case") + "/person", {"born": "2011-02-03", **sibling}))
        self.young, self.sibling = self._persons()
        corrected = {"name": self.word("sibling name corrected"), "protected": "no"}
        path = f"{self.at('case')}/person/{self.sibling}"
        karin.see(path)
        _done(karin.post(path, {"born": "2011-02-04", **corrected}))

    def write_notes(self) -> None:
        karin = self.house.as_("karin")
        for name in ("disclosed", "kept"):
            fields = {
                **PLAIN,
                "title": self.word(f"{name} title, first version"),
                "text": self.word(f"{name} text, first version"),
                "described": self.young if name == "disclosed" else self.sibling,
            }
            _done(karin.post(self.at("case") + "/anteckning", fields))
        with self.house.opened.store.look(at=self.house.at) as tx:
            self.notes = list(tx.execute(select(note.c.id).order_by(note.c.id)).scalars())
        fields = {
            **PLAIN,
            "title": self.word("disclosed title"),
            "text": self.word("disclosed text"),
            "described": self.young,
            "seen_version": "1",
        }
        path = f"/anteckningar/{self.notes[0]}/ratta"
        karin.see(path)
        assert karin.post(path, {"open": "1"}).status_code == 200
        _done(karin.post(path, fields))
        assert karin.post(f"/anteckningar/{self.notes[0]}/versioner").status_code == 200
        opened = karin.post(self.at("case") + "/las", {"note": self.notes})
        assert opened.status_code == 200

    def decision(self, answer: str = "yes", **more: str) -> dict[str, str]:
        """The fields of a decision to tell the police."""
        fields = {
            "purpose": "prevent_crime",
            "version": "2",
            "initiative": "request",
            "request_reference": self.request_reference,
            "requester_verified": "yes",
            "checked": "yes",
            "ordinary": "yes",
            f"fact:substance_misuse:{self.young}": "no",
        }
        for statement in self._statements("P-18a"):
            name = f"{statement}:{self.young}"
            fields[f"{name}:answer"] = answer
            fields[f"{name}:reasons"] = self.reason(f"reasons of a {answer}")
            fields[f"{name}:circumstances"] = self.reason(f"circumstances {answer}")
        return {**fields, **more}

    def _statements(self, rule: str) -> list[str]:
        """What a rule in force asks a person to judge, from the rules themselves."""
        law = self.house.opened.law
        known = {condition.name for condition in law.vocabulary.statements()}
        found = next(one for one in law.in_force(self.house.at.date()) if one.id == rule)
        return [name for name in found.all if name in known]

    def declare_relation(self) -> None:
        karin = self.house.as_("karin")
        karin.see("/jav")
        declared = {"bond": "conflict", "name": self.word("name of a relation")}
        _done(karin.post("/jav", declared))
        karin.see("/jav")

    def practise(self) -> None:
        """Every case answered, if not well, and a certificate asked for."""
        given = "n" * len(packaged_training())
        where = _where(self.house.as_("karin").post("/ova/intyg", {"given": given}))
        self.certificate = where.rpartition("/")[2].partition("?")[0]

    def disclose(self) -> None:
        karin = self.house.as_("karin")
        path = f"/anteckningar/{self.notes[0]}/lamna-ut"
        karin.see(path)
        karin.see(f"{path}?purpose=prevent_crime")
        to_police = f"{path}/{self.house.organisations['polis']}"
        karin.see(f"{to_police}?purpose=prevent_crime")
        refused = karin.post(to_police, self.decision("no"))
        assert refused.status_code == 422, refused.status
        _done(karin.post(to_police, self.decision()))
        self.house.later(minutes=3)
        _done(karin.post(to_police, self.decision(again="1")))
        with self.house.opened.store.look(at=self.house.at) as tx:
            ids = tx.execute(select(disclosure.c.id).order_by(disclosure.c.id)).scalars()
            self.disclosures = list(ids)
        _done(karin.post(f"/utlamnanden/{self.disclosures[1]}/stoppa"))
        karin.see(self.at("case"))
        with self.house.opened.store.look(at=self.house.at) as tx:
            self.delivery = tx.execute(select(delivery.c.id)).scalar_one()

    def send_another(self) -> None:
        """One more delivery, that nobody has filed in a case."""
        karin, to = self.house.as_("karin"), self.house.organisations["polis"]
        path = f"/anteckningar/{self.notes[0]}/lamna-ut/{to}"
        _done(karin.post(path, self.decision(again="1")))
        self.house.later(minutes=3)
        with self.house.opened.store.look(at=self.house.at) as tx:
            newest = select(delivery.c.id).order_by(delivery.c.id.desc()).limit(1)
            self.delivery = tx.execute(newest).scalar_one()

    def write_letter(self) -> None:
        """Not sent at first, with a reason; and sent when that no longer holds."""
        karin, path = self.house.as_("karin"), f"/utlamnanden/{self.disclosures[0]}/brev"
        karin.see(path)
        reason = self.reason("why no letter was sent")
        _done(karin.post(path, {"outcome": "withheld", "reason": reason}))
        karin.see(path)
        sent = {"outcome": "released", "addressee": self.young, "language": "sv"}
        _done(karin.post(path, sent))
        karin.see(path)

    def approve(self) -> None:
        """Asked of the supervisor, who reads what it rests on and says no."""
        karin, chef = self.house.as_("karin"), self.house.as_("chef")
        path = f"/anteckningar/{self.notes[0]}/lamna-ut/{self.house.organisations['elevhalsa']}"
        fields = {"purpose": "prevent_crime", "version": "2", "initiative": "own"}
        for statement in self._statements("P-15a-26_1"):
            fields[f"{statement}:{self.young}:answer"] = "yes"
            fields[f"{statement}:{self.young}:reasons"] = self.reason("reasons for approval")
        karin.see(f"{path}?purpose=prevent_crime")
        _done(karin.post(path, {**fields, "ask_approval": "1"}))
        with self.house.opened.store.look(at=self.house.at) as tx:
            self.approval = tx.execute(select(approval.c.id)).scalar_one()
            wanted = delegation.c.organisation_id == self.house.organisations["polis"]
            self.delegation = tx.execute(select(delegation.c.id).where(wanted)).scalars().first()
        question = f"/godkannanden/{self.approval}"
        chef.see(question)
        assert chef.post(f"{question}/las").status_code == 200
        answer = {"answer": "no", "reasons": self.reason("reasons of the supervisor")}
        _done(chef.post(f"{question}/svara", answer))

    def consent_and_withdraw(self) -> None:
        karin, path = self.house.as_("karin"), self.at("case") + "/samtycke"
        karin.see(path)
        asked = {
            "subject_id": self.young,
            "giver": "subject",
            "answer": "given",
            "form": "written",
            "recipient_id": self.house.organisations["elevhalsa"],
            "category": "K11",
            "purpose": "care_or_support",
            "valid_until": "2027-02-01",
        }
        _done(karin.post(path, asked))
        with self.house.opened.store.look(at=self.house.at) as tx:
            self.consent = tx.execute(select(consent.c.id)).scalar_one()
        karin.see("/samtycken")
        karin.see(f"{path}/{self.consent}/aterkalla")
        _done(karin.post(f"{path}/{self.consent}/aterkalla"))
        karin.see(f"{path}/{self.consent}/aterkalla")

    def receive(self) -> None:
        sara, path = self.house.as_("sara"), f"/inkommet/{self.delivery}"
        sara.see("/inkommet")
        sara.see(path)
        assert sara.post(f"{path}/oppna").status_code == 200
        _done(sara.post(f"{path}/registrera", {"reference": "A 2026/7720911"}))
        own = {"name": self.word("name at the police"), "reference": "A 2026/7720912"}
        self.received_case = _where(sara.post("/arenden/nytt", {**own, "protected": "no"}))
        case_id = self.received_case.rsplit("/", 1)[-1]
        sara.see(f"{path}/lagg-i-arende?case={case_id}")
        filed = {"case": case_id, "category": "K17", "match-0": "new"}
        _done(sara.post(f"{path}/lagg-i-arende", filed))
        sara.see(self.received_case)
        sara.see("/")
        for other in ("farida", "jonas"):
            browser = self.house.as_(other)
            browser.see("/")
            browser.see("/inkommet")
            browser.see("/samtycken")
            assert browser.get(self.at("case")).status_code == 404
            assert browser.get(path).status_code == 404

    def review(self) -> None:
        chief = self.house.as_("chef")
        chief.see("/loggkontroll")
        chief.see(f"/loggkontroll/{self.case}")
        self.review_in_a_round()

    def review_in_a_round(self) -> None:
        """Drawn, asked about, answered with a remark, and one whole log opened on suspicion."""
        chief, karin = self.house.as_("chef"), self.house.as_("karin")
        _done(chief.post("/loggkontroll/rundor"))
        chief.see("/loggkontroll/rundor")
        with self.house.opened.store.look(at=self.house.at) as tx:
            round_id = tx.execute(select(review_round.c.id)).scalar_one()
            of_karin = review_item.c.staff_id == self.house.staff["karin"]
            wanted = select(review_item.c.id).where(of_karin, review_item.c.why == "chance")
            item = tx.execute(wanted.limit(1)).scalar_one()
        path = f"/loggkontroll/rundor/{round_id}"
        question = self.reason("question to the employee")
        _done(chief.post(path, {"item": item, "ask": "1", "question": question}))
        karin.see("/")
        karin.see("/fragor")
        _done(karin.post("/fragor", {"item": item, "reply": self.reason("reply to the reviewer")}))
        chief.see(path)
        whole = f"/loggkontroll/rundor/post/{item}/hela-loggen"
        chief.see(whole)
        opened = chief.post(whole, {"reason": self.reason("suspicion of the reviewer")})
        assert opened.status_code == 200
        remark = {
            "item": item,
            "verdict": "remark",
            "remark": self.reason("remark of the reviewer"),
        }
        _done(chief.post(path, remark))
        chief.see(f"{path}/rapport")

    def export(self) -> None:
        """Ordered by one, released by another, and one more that waits."""
        chief, officer = self.house.as_("chef"), self.house.as_("ombud")
        chief.see("/exporter/bestall")
        fields = {
            "kind": "organisation",
            "recipient": self.word("export recipient"),
            "purpose": self.word("export purpose"),
            "staff_named": "no",
            "reasons_shown": "no",
            "language": "sv",
        }
        for _ in range(2):
            _done(chief.post("/exporter/bestall", fields))
        with self.house.opened.store.look(at=self.house.at) as tx:
            asked = select(export_job.c.id).order_by(export_job.c.id)
            self.exports = list(tx.execute(asked).scalars())
        chief.see("/exporter")
        path = f"/exporter/{self.exports[0]}"
        officer.see(path)
        _done(officer.post(f"{path}/beslut", {"decision": "released"}))
        chief.see(path)

    def prepare_extract(self) -> None:
        """Found by the whole name, and asked for without saying whom one has checked."""
        officer, name = self.house.as_("ombud"), self.word("young name")
        officer.see("/loggkontroll/utdrag")
        found = officer.post("/loggkontroll/utdrag", {"person": name})
        assert self.young in found.get_data(as_text=True)
        fields = {"person": name, "subject": self.young, "staff_named": "yes", "language": "sv"}
        wrong = {**fields, "assessment": self.reason("why staff are named")}
        assert officer.post("/loggkontroll/utdrag/slapp", wrong).status_code == 422

    def at(self, what: str) -> str:
        assert what == "case"
        return f"/arenden/{self.case}"

    def _persons(self) -> list[str]:
        with self.house.opened.store.look(at=self.house.at) as tx:
            asked = select(case_person.c.subject_id).where(case_person.c.case_id == self.case)
            rows = tx.execute(asked.order_by(case_person.c.relation.desc()))
            return list(rows.scalars())

    def open_at_the_police(self) -> None:
        """An emergency opening that is none of those of the other organisations."""
        house, at = self.house, self.house.at
        terms = EmergencyTerms(
            id=new_id(at),
            organisation_id=house.organisations["polis"],
            case_id=self.received_case.rsplit("/", 1)[-1],
            staff_id=house.staff["sara"],
            reason=self.reason("why it could not wait"),
            asked_at=at,
            ends_at=at + LASTS,
            needs_second=True,
        )
        ring = house.opened.rings.current(terms.organisation_id)
        event = Event(
            id=new_id(at),
            op="emergency.asked",
            res="override",
            org=terms.organisation_id,
            actor={"staff": terms.staff_id},
            object={},
            detail={},
        )
        with house.opened.store.begin(at=at) as tx:
            insert_opening(
                tx,
                seal_terms(ring, terms),
                case_id=terms.case_id,
                staff_id=terms.staff_id,
                asked_at=at,
                ends_at=terms.ends_at,
                needs_second=True,
                entry_id=event.id,
            )
            tx.record(event, sealer=event_sealer(ring, None))
        self.opening = terms.id

    def draw_at_the_police(self) -> None:
        """A round that is none of those of the other organisations, with one item."""
        house, at = self.house, self.house.at
        where, by = house.organisations["polis"], house.staff["sara"]
        self.round, self.item = new_id(at), new_id(at)
        made = ReviewRound(
            id=self.round,
            organisation_id=where,
            month="2026-11",
            seed="00" * 32,
            day=at.date(),
            since=at - timedelta(days=30),
            until=at,
            below=1,
            groups=1,
            drawn_by=by,
            drawn_at=at,
        )
        item = RoundItem(
            id=self.item,
            round_id=self.round,
            organisation_id=where,
            why="chance",
            key=new_id(at),
            staff_id=by,
            case_id=self.received_case.rsplit("/", 1)[-1],
            at=at,
            op="case.viewed",
            count=1,
        )
        event = Event(
            id=new_id(at),
            op="round.drawn",
            res="allow",
            org=where,
            actor={"staff": by},
            object={},
            detail={},
        )
        with house.opened.store.begin(at=at) as tx:
            insert_round(tx, made, entry_id=event.id)
            insert_items(tx, (item,), entry_id=event.id)
            tx.record(event, sealer=event_sealer(house.opened.rings.current(where), None))

    def propose_rules(self) -> None:
        """A lawyer proposes rules that lie ready, and one more pack that has faults."""
        lying = Path(self.house.opened.config.storage.state) / PACKS
        for name, contents in (("ny", reworded()), ("trasig", {"pack.toml": b"x"})):
            for file, data in contents.items():
                (lying / name / file).parent.mkdir(parents=True, exist_ok=True)
                (lying / name / file).write_bytes(data)
        maja = self.house.as_("maja")
        maja.see("/regelpaket")
        assert maja.post("/regelpaket", {"source": "folder:trasig"}).status_code == 422
        self.proposal = _where(maja.post("/regelpaket", {"source": "folder:ny"})).rsplit("/", 1)[-1]
        maja.see(f"/regelpaket/{self.proposal}")


def _done(answer: TestResponse) -> None:
    assert answer.status_code == 303, (answer.request.path, answer.status, _wrong(answer))


def _where(answer: TestResponse) -> str:
    _done(answer)
    return str(answer.headers["Location"])


def _wrong(answer: TestResponse) -> str:
    page = answer.get_data(as_text=True)
    return page[page.find("<main") : page.find("<main") + 1500]
