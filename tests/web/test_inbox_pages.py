"""*Inkommet*, from the pages: seen, opened, registered, filed, and nothing of the sender's own."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from werkzeug.test import TestResponse

from app.domain.actor import Actor
from app.records.disclosure import disclosures_of_case
from tests.web.town import Town

NOWHERE = "01a207a2-3280-7857-b26f-3f1915f85abb"
SECRET = "Berättar om kontakter med äldre kamrater."


def text(answer: TestResponse) -> str:
    return answer.get_data(as_text=True)


@pytest.fixture
def case(town: Town) -> str:
    return town.case()


@pytest.fixture
def arrived(town: Town, case: str) -> str:
    """The id of a delivery that has come to the police."""
    return _send(town, case, "polis")


def _send(town: Town, case: str, to: str, **more: str) -> str:
    note = town.note(case)
    sent = town.disclose(town.order(case, note, to, **more))
    town.later(minutes=5)
    with town.store.look(at=town.at) as tx:
        return next(d.delivery_id for d in disclosures_of_case(tx, case) if d.id == sent)


@pytest.fixture
def registered(town: Town, arrived: str, sign_in) -> str:  # type: ignore[no-untyped-def]
    answer = sign_in("sara").post(f"/inkommet/{arrived}/registrera", reference="LPO 2026/77")
    assert answer.status_code == 303
    return arrived


def test_what_has_arrived_stands_in_the_list(town: Town, arrived: str, sign_in) -> None:  # type: ignore[no-untyped-def]
    html = sign_in("sara").see("/inkommet")
    assert "Hembesök 20 november" in html
    assert "Från Socialtjänsten, Sunne, framme" in html
    assert "OSL 10 kap. 18 a §" in html
    assert "Inte registrerat" in html
    assert "Inkommet (1)" in html
    assert SECRET not in html


def test_what_is_on_its_way_is_not_there(town: Town, case: str, sign_in) -> None:  # type: ignore[no-untyped-def]
    town.disclose(town.order(case, town.note(case), "polis"))
    assert "Ingenting har kommit in ännu." in sign_in("sara").see("/inkommet")


def test_its_page_tells_where_it_came_from_and_not_its_text(
    town: Town, arrived: str, sign_in
) -> None:  # type: ignore[no-untyped-def]
    html = sign_in("sara").see(f"/inkommet/{arrived}")
    for told in (
        "Karin Holm, socialsekreterare",
        "Ung person som riskerar att begå brott",
        "Förebygga, förhindra eller upptäcka brott",
        "Elliot Exempelsson, den unge",
    ):
        assert told in html
    assert SECRET not in html


def test_the_ground_is_told_in_the_readers_language(town: Town, arrived: str, sign_in) -> None:  # type: ignore[no-untyped-def]
    sara = sign_in("sara")
    sara.get("/sprak/en")
    html = sara.see(f"/inkommet/{arrived}")
    assert town.law.rules["P-18a"].en in html
    assert '<span class="small" lang="sv">OSL 10 kap. 18 a §' in html


def test_the_text_is_opened_by_a_button_and_the_opening_is_logged(
    town: Town, arrived: str, sign_in
) -> None:  # type: ignore[no-untyped-def]
    answer = sign_in("sara").post(f"/inkommet/{arrived}/oppna")
    assert SECRET in text(answer)
    assert "Läsningen är loggad." in text(answer)
    assert town.ops("polis").count("delivery.opened") == 1


def test_loading_the_opened_page_again_reads_nothing(town: Town, arrived: str, sign_in) -> None:  # type: ignore[no-untyped-def]
    answer = sign_in("sara").get(f"/inkommet/{arrived}/oppna")
    assert answer.status_code == 303
    assert "delivery.opened" not in town.ops("polis")


def test_no_page_tells_anything_of_the_senders_own(
    town: Town, case: str, registered: str, sign_in
) -> None:  # type: ignore[no-untyped-def]
    another = town.note(case, title="En annan anteckning")
    sara = sign_in("sara")
    pages = [
        sara.see("/inkommet"),
        sara.see(f"/inkommet/{registered}"),
        text(sara.post(f"/inkommet/{registered}/oppna")),
        sara.see(f"/inkommet/{registered}/lagg-i-arende"),
    ]
    with town.store.look(at=town.at) as tx:
        made = disclosures_of_case(tx, case)[0]
    own = [case, another, made.id, made.note_id, *town.persons(case), town.actors["karin"].staff_id]
    own += ["SN 2026/0417", "En annan anteckning", town.organisations["soc"].id]
    for html in pages:
        assert [one for one in own if one in html] == []


def test_it_is_registered_under_the_recipients_own_number(
    town: Town, arrived: str, sign_in
) -> None:  # type: ignore[no-untyped-def]
    sara = sign_in("sara")
    answer = sara.post(f"/inkommet/{arrived}/registrera", reference="LPO 2026/77")
    html = sara.see(answer.location)
    assert "Registrerat som LPO 2026/77" in html
    assert "Inkommet (1)" not in html


@pytest.mark.parametrize("typed", ["", "Elliot Exempelsson", "x" * 41])
def test_a_number_that_cannot_be_is_told_and_kept(
    town: Town, arrived: str, sign_in, typed: str
) -> None:  # type: ignore[no-untyped-def]
    answer = sign_in("sara").post(f"/inkommet/{arrived}/registrera", reference=typed)
    assert answer.status_code == 422
    assert f'value="{typed}"' in text(answer)
    assert 'href="#reference"' in text(answer)


def test_another_number_for_what_is_registered_is_refused(
    town: Town, registered: str, sign_in
) -> None:  # type: ignore[no-untyped-def]
    answer = sign_in("sara").post(f"/inkommet/{registered}/registrera", reference="LPO 2026/78")
    assert answer.status_code == 422
    assert "Den är redan registrerad, under ett annat nummer." in text(answer)


def test_the_sender_sees_that_it_was_received_and_not_by_whom(
    town: Town, case: str, registered: str, sign_in
) -> None:  # type: ignore[no-untyped-def]
    html = sign_in("karin").see(f"/arenden/{case}")
    assert "registrerad där" in html
    assert "Sara Lind" not in html
    assert "LPO 2026/77" not in html


def test_it_is_filed_into_a_case_of_ones_own(town: Town, registered: str, sign_in) -> None:  # type: ignore[no-untyped-def]
    own = town.case("sara", reference="LPO 2026/5", name="Elliot Exempelsson")
    sara = sign_in("sara")
    assert "LPO 2026/5, Elliot Exempelsson" in sara.see(f"/inkommet/{registered}/lagg-i-arende")
    form = sara.see(f"/inkommet/{registered}/lagg-i-arende?case={own}")
    assert "Vem i ärendet är Elliot Exempelsson, den unge?" in form
    assert " checked" not in form
    young = town.persons(own)[0]
    answer = sara.post(
        f"/inkommet/{registered}/lagg-i-arende",
        **{"case": own, "category": "K17", "match-0": young},
    )
    assert answer.status_code == 303
    html = sara.see(answer.location)
    assert "Det som kom in ligger nu som en anteckning i ärendet." in html
    assert "Hembesök 20 november" in html
    assert town.persons(own) == (young,)


def test_a_stranger_is_added_to_the_case_as_a_new_person(
    town: Town, registered: str, sign_in
) -> None:  # type: ignore[no-untyped-def]
    own = town.case("sara", reference="LPO 2026/5", name="Vera Exempelsson")
    fields = {"case": own, "category": "K17", "match-0": "new"}
    sign_in("sara").post(f"/inkommet/{registered}/lagg-i-arende", **fields)
    assert len(town.persons(own)) == 2


@pytest.mark.parametrize(
    ("field", "sentence"),
    [
        ("category", "Välj vilket slags uppgift"),
        ("match-0", "Välj vem i ärendet det är, eller att personen är ny där."),
    ],
)
def test_what_is_left_out_is_told_and_the_rest_kept(
    town: Town, registered: str, sign_in, field: str, sentence: str
) -> None:  # type: ignore[no-untyped-def]
    own = town.case("sara", reference="LPO 2026/5")
    fields = {"case": own, "category": "K17", "match-0": "new"} | {field: ""}
    answer = sign_in("sara").post(f"/inkommet/{registered}/lagg-i-arende", **fields)
    assert answer.status_code == 422
    assert sentence in text(answer)
    assert len(re.findall(r" (?:checked|selected)>", text(answer))) == 1


def test_no_case_chosen_is_told(town: Town, registered: str, sign_in) -> None:  # type: ignore[no-untyped-def]
    town.case("sara", reference="LPO 2026/5")
    answer = sign_in("sara").get(f"/inkommet/{registered}/lagg-i-arende?case=")
    assert answer.status_code == 422
    assert "Välj ett av dina ärenden." in text(answer)


def test_what_is_not_registered_is_not_filed(town: Town, arrived: str, sign_in) -> None:  # type: ignore[no-untyped-def]
    own = town.case("sara", reference="LPO 2026/5")
    fields = {"case": own, "category": "K17", "match-0": "new"}
    answer = sign_in("sara").post(f"/inkommet/{arrived}/lagg-i-arende", **fields)
    assert answer.status_code == 422
    assert "Registrera det som har kommit in innan" in text(answer)


def test_secrecy_that_does_not_follow_is_warned_of(town: Town, case: str, sign_in) -> None:  # type: ignore[no-untyped-def]
    soc, leisure = town.actors["karin"], town.organisations["fritid"]
    town.actors["sara"] = replace(town.actors["sara"], organisation=leisure)
    assert soc.organisation.kind == "SOC"
    arrived = _send(town, case, "fritid", purpose="own_task", rule="P-2")
    sara = sign_in("sara")
    assert "Sekretessen följer inte med" in sara.see("/inkommet")
    assert "Er organisation har ingen sekretess" in sara.see(f"/inkommet/{arrived}")


@pytest.mark.parametrize("place", ["", "/registrera", "/lagg-i-arende", "/oppna"])
def test_what_came_to_others_looks_like_what_is_not_there(
    town: Town, arrived: str, sign_in, place: str
) -> None:  # type: ignore[no-untyped-def]
    karin = sign_in("karin")
    missing = karin.get("/finns-inte").data
    for delivery in (arrived, NOWHERE):
        path = f"/inkommet/{delivery}{place}"
        answer = karin.post(path, reference="SN 2026/9") if place == "/oppna" else karin.get(path)
        assert answer.status_code == 404
        assert answer.data == missing


def test_a_records_officer_registers_but_does_not_open(town: Town, arrived: str, sign_in) -> None:  # type: ignore[no-untyped-def]
    town.actors["sara"] = _as(town.actors["sara"], "records_officer")
    sara = sign_in("sara")
    html = sara.see(f"/inkommet/{arrived}")
    assert "Du registrerar det som har kommit, men öppnar inte texten." in html
    assert sara.post(f"/inkommet/{arrived}/oppna").status_code == 404
    assert sara.post(f"/inkommet/{arrived}/registrera", reference="LPO 2026/1").status_code == 303


def test_who_may_not_receive_has_no_inbox(town: Town, sign_in) -> None:  # type: ignore[no-untyped-def]
    town.actors["sara"] = _as(town.actors["sara"], "administrator")
    sara = sign_in("sara")
    answer = sara.get("/inkommet")
    assert answer.status_code == 404
    assert "Inkommet" not in text(answer)


def _as(actor: Actor, role: str) -> Actor:
    return replace(actor, roles=frozenset({role}))
