"""The gate, from the pages: what the law answers, what it asks, and one decision."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from werkzeug.test import TestResponse

from app.domain.note import NoteDraft
from app.flows.write_note import correct_note
from app.records.disclosure import disclosures_of_case
from app.records.errors import StoreBusy
from app.records.store import Store
from tests.web.town import PLAIN, Town

NOWHERE = "01a207a2-3280-7857-b26f-3f1915f85abb"
REASONS = "Han har fått erbjudanden om pengar & <uppdrag>."
SEEN = "2026-11-20, sett av fältassistenten vid resecentrum."


def text(answer: TestResponse) -> str:
    return answer.get_data(as_text=True)


@pytest.fixture
def case(town: Town) -> str:
    return town.case()


@pytest.fixture
def note(town: Town, case: str) -> str:
    return town.note(case)


def at(note: str) -> str:
    return f"/anteckningar/{note}/lamna-ut"


def to(town: Town, note: str, recipient: str = "polis") -> str:
    return f"{at(note)}/{town.organisations[recipient].id}"


def form(town: Town, case: str, **changes: str) -> dict[str, str]:
    """Everything that 10 kap. 18 a § asks, answered yes about the young person."""
    young = town.persons(case)[0]
    fields = {
        "purpose": "prevent_crime",
        "version": "1",
        "initiative": "own",
        "checked": "yes",
        "ordinary": "yes",
    }
    for statement in town.statements("P-18a"):
        fields[f"{statement}:{young}:answer"] = "yes"
        fields[f"{statement}:{young}:reasons"] = REASONS
        fields[f"{statement}:{young}:circumstances"] = SEEN
    return fields | changes


def made(town: Town, case: str) -> int:
    with town.store.look(at=town.at) as tx:
        return len(disclosures_of_case(tx, case))


def card(html: str, recipient: str) -> str:
    """One recipient's card."""
    found = [one for one in re.split(r"<article", html) if f"<h3>{recipient}</h3>" in one]
    return found[0].partition("</article>")[0]


# --- choosing -------------------------------------------------------------------------------------


def test_the_purpose_is_asked_first_and_none_is_chosen(town: Town, note: str, sign_in) -> None:  # type: ignore[no-untyped-def]
    html = sign_in("karin").see(at(note))
    assert "Vad behövs uppgiften till?" in html
    assert "Förebygga, förhindra eller upptäcka brott" in html
    assert " checked" not in html


def test_purposes_of_telling_a_person_are_not_offered(town: Town, note: str, sign_in) -> None:  # type: ignore[no-untyped-def]
    html = sign_in("karin").see(at(note))
    assert "Informera en vårdnadshavare" not in html


def test_every_other_organisation_has_its_answer(town: Town, note: str, sign_in) -> None:  # type: ignore[no-untyped-def]
    html = sign_in("karin").see(f"{at(note)}?purpose=prevent_crime")
    others = {one.name for short, one in town.organisations.items() if short != "soc"}
    assert set(re.findall(r"<h3>([^<]+)</h3>", html)) == others


def test_an_answer_goes_verdict_reason_provision_next_step(town: Town, note: str, sign_in) -> None:  # type: ignore[no-untyped-def]
    html = card(
        sign_in("karin").see(f"{at(note)}?purpose=prevent_crime"), "Lokalpolisområde Torsby"
    )
    parts = [
        "Kan lämnas ut efter din bedömning",
        "konkreta omständigheter visar en risk",
        "OSL 10 kap. 18 a §",
        "Gör bedömningen",
    ]
    places = [html.index(part) for part in parts]
    assert places == sorted(places)
    assert 'data-color="info"' in html


def test_a_recipient_without_secrecy_gets_a_warning(town: Town, note: str, sign_in) -> None:  # type: ignore[no-untyped-def]
    html = sign_in("karin").see(f"{at(note)}?purpose=coordinate_support")
    assert "Sekretessen följer inte med uppgiften" in card(html, "Fritidsgården, Sunne")
    assert "Sekretessen följer inte med uppgiften" not in card(html, "Akuten, Torsby")


def test_a_consent_makes_it_green_for_its_recipient_alone(
    town: Town, case: str, note: str, sign_in
) -> None:  # type: ignore[no-untyped-def]
    town.consent(case, "akuten")
    town.consent(case, "akuten", giver="guardian")
    karin, young = sign_in("karin"), town.persons(case)[0]
    path = f"{to(town, note, 'akuten')}"
    fields = {"purpose": "coordinate_support", "version": "1", "initiative": "own"}
    fields |= {f"fact:secrecy_towards_guardian:{young}": "no", "ask": "1"}
    html = text(karin.post(path, **fields))
    assert 'data-verdict="may"' in html
    assert "Kan lämnas ut" in html


def test_what_is_ruled_out_is_shown_with_its_reason(town: Town, case: str, sign_in) -> None:  # type: ignore[no-untyped-def]
    held = town.note(case, attributes=replace(PLAIN, origin="POLICE", investigation="yes"))
    html = sign_in("karin").see(f"{at(held)}?purpose=coordinate_support")
    ruled_out = card(html, "Fritidsgården, Sunne")
    assert "Får inte lämnas ut" in ruled_out
    assert "OSL 18 kap. 1 §" in ruled_out
    assert "Gör bedömningen" not in ruled_out


def test_the_page_says_that_a_person_decides(town: Town, note: str, sign_in) -> None:  # type: ignore[no-untyped-def]
    html = sign_in("karin").see(f"{at(note)}?purpose=prevent_crime")
    assert "vägledning från regler och inget beslut" in html


def test_persons_are_told_apart_by_what_they_are(town: Town, case: str, sign_in) -> None:  # type: ignore[no-untyped-def]
    town.person(case, "Linda Exempelsson")
    both = town.note(case, described=town.persons(case))
    html = sign_in("karin").see(f"{at(both)}?purpose=prevent_crime")
    police = card(html, "Lokalpolisområde Torsby")
    assert "Om den unge" in police
    assert "Om vårdnadshavare" in police
    assert "Linda" not in html


@pytest.mark.parametrize("path", ["{note}", "{nowhere}", "{note}/{nowhere}"])
def test_what_is_not_yours_looks_like_what_is_not_there(
    town: Town, note: str, sign_in, path: str
) -> None:  # type: ignore[no-untyped-def]
    jonas = sign_in("jonas")
    place, _, recipient = path.format(note=note, nowhere=NOWHERE).partition("/")
    asked = f"{at(place)}/{recipient}" if recipient else at(place)
    answer = jonas.get(f"{asked}?purpose=prevent_crime")
    assert answer.status_code == 404
    assert answer.data == jonas.get("/finns-inte").data


# --- deciding -------------------------------------------------------------------------------------


def test_nothing_is_ticked_beforehand(town: Town, note: str, sign_in) -> None:  # type: ignore[no-untyped-def]
    html = sign_in("karin").see(f"{to(town, note)}?purpose=prevent_crime")
    assert "risk_of_crime" in html
    assert " checked" not in html


def test_the_page_tells_the_item_of_the_delegation_order(town: Town, note: str, sign_in) -> None:  # type: ignore[no-untyped-def]
    html = sign_in("karin").see(f"{to(town, note)}?purpose=prevent_crime")
    assert "Du beslutar enligt punkt 4.2" in html


def test_an_assessed_note_is_disclosed(town: Town, case: str, note: str, sign_in) -> None:  # type: ignore[no-untyped-def]
    karin = sign_in("karin")
    answer = karin.post(to(town, note), **form(town, case))
    assert answer.status_code == 303
    page = karin.see(answer.location)
    assert "Utlämnandet är beslutat och på väg." in page
    assert "Utlämnad till Lokalpolisområde Torsby" in page
    assert town.ops().count("note.disclosed") == 1


def test_the_same_form_sent_twice_discloses_once(town: Town, case: str, note: str, sign_in) -> None:  # type: ignore[no-untyped-def]
    karin, fields = sign_in("karin"), form(town, case, once=NOWHERE)
    first, second = karin.post(to(town, note), **fields), karin.post(to(town, note), **fields)
    assert (first.status_code, second.status_code) == (303, 303)
    assert made(town, case) == 1


def test_a_new_form_for_what_is_on_its_way_asks_whether_that_is_meant(
    town: Town, case: str, note: str, sign_in
) -> None:  # type: ignore[no-untyped-def]
    karin = sign_in("karin")
    assert karin.post(to(town, note), **form(town, case)).status_code == 303
    page = karin.see(f"{to(town, note)}?purpose=prevent_crime")
    assert "Samma version är redan på väg dit" in page
    refused = karin.post(to(town, note), **form(town, case))
    assert refused.status_code == 409
    assert "Ingenting mer har lämnats ut" in text(refused)
    assert made(town, case) == 1
    assert karin.post(to(town, note), **form(town, case, again="yes")).status_code == 303
    assert made(town, case) == 2


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("initiative", "", "Välj om uppgiften lämnas på eget initiativ eller på begäran."),
        ("checked", "", "Läs texten, ta bort det som inte behövs"),
        ("ordinary", "", "Markera att inget ovanligt gäller"),
        ("{risk}:answer", "", "Välj ja eller nej, eller ta bort det du skrev om frågan."),
        ("{risk}:reasons", " ", "Skriv skälen för din bedömning."),
        ("{risk}:circumstances", "", "Skriv de konkreta omständigheterna"),
        ("{risk}:reasons", ".", "minst 15 bokstäver eller siffror"),
        ("{risk}:circumstances", " . . . . . . . . . .", "minst 15 bokstäver eller siffror"),
        ("{risk}:reasons", "x" * 4001, "Texten är för lång."),
        ("request_reference", "x" * 61, "Texten är för lång."),
        ("request_reference", "Elliot Granhed 20090501-2399", "Inga namn."),
        ("request_reference", "Elliot 090501-2399", "Inga namn."),
        ("request_reference", "20090501-2399", "Inga namn."),
    ],
)
def test_a_mistake_is_told_and_nothing_typed_is_lost(
    town: Town, case: str, note: str, sign_in, field: str, typed: str, sentence: str
) -> None:  # type: ignore[no-untyped-def]
    risk = f"risk_of_crime:{town.persons(case)[0]}"
    fields = form(town, case, **{field.format(risk=risk): typed})
    answer = sign_in("karin").post(to(town, note), **fields)
    assert answer.status_code == 422
    html = text(answer)
    assert sentence in html
    assert "Han har fått erbjudanden om pengar &amp; &lt;uppdrag&gt;." in html
    assert SEEN in html or "circumstances" in field
    assert made(town, case) == 0


def test_a_no_is_refused_and_the_new_answer_stands_on_top(
    town: Town, case: str, note: str, sign_in
) -> None:  # type: ignore[no-untyped-def]
    young = town.persons(case)[0]
    fields = form(town, case, **{f"not_inappropriate:{young}:answer": "no"})
    answer = sign_in("karin").post(to(town, note), **fields)
    assert answer.status_code == 422
    html = text(answer)
    assert "Ingenting har lämnats ut. Dina bedömningar är sparade" in html
    assert "antecknat" in html
    assert "Karin Holm, socialsekreterare" in html
    assert SEEN in html
    assert town.ops()[:2] == ["disclosure.considered", "note.disclosure_refused"]


def asked_in(html: str) -> list[str]:
    """The assessments that have a field on the page."""
    return sorted(set(re.findall(r'name="([a-z_0-9]+:[0-9a-f-]+):answer"', html)))


def test_whoever_has_answered_no_to_everything_can_still_answer_anew(
    town: Town,
    case: str,
    note: str,
    sign_in,  # type: ignore[no-untyped-def]
) -> None:
    browser = sign_in("karin")
    address = f"{to(town, note)}?purpose=prevent_crime"
    answered: set[str] = set()
    while left := [one for one in asked_in(browser.see(address)) if one not in answered]:
        fields = {
            "purpose": "prevent_crime",
            "version": "1",
            "initiative": "own",
            "checked": "yes",
            "ordinary": "yes",
        }
        for one in left:
            fields |= {f"{one}:answer": "no", f"{one}:reasons": REASONS}
        assert browser.post(to(town, note), **fields).status_code == 422
        answered |= {*left}
    assert len(answered) >= 5
    html = browser.see(address)
    assert answered == {*asked_in(html)}
    assert "Svara på nytt" in html
    browser.post(to(town, note), **form(town, case))
    assert made(town, case) == 1


PRIVATE = "Ska uppgiften användas privat eller utanför verksamheten?"
STANDING = "Gäller det löpande, samlad eller direkt åtkomst i stället för ett enskilt utlämnande?"
BREACH = "Kan det antas att mottagaren kommer att behandla uppgiften i strid med"


def test_what_is_out_of_the_ordinary_is_asked_before_the_grounds(
    town: Town, note: str, sign_in
) -> None:  # type: ignore[no-untyped-def]
    html = sign_in("karin").see(f"{to(town, note)}?purpose=prevent_crime")
    for question in (PRIVATE, STANDING, BREACH):
        assert html.index("1. Vem tog initiativet?") < html.index(question)
        assert html.index(question) < html.index("2. Grund för att lämna ut")


def test_what_cannot_change_the_answer_is_not_asked(town: Town, case: str, sign_in) -> None:  # type: ignore[no-untyped-def]
    closed = town.note(case, category="K21")
    html = sign_in("karin").see(f"{to(town, closed)}?purpose=prevent_crime")
    assert PRIVATE not in html
    assert STANDING not in html


@pytest.mark.parametrize(
    ("fact", "told"),
    [
        ("private_use", "Uppgifter används inte privat eller utanför verksamheten"),
        ("standing_access", "Ingen bestämmelse ger löpande, samlad eller direkt åtkomst"),
    ],
)
def test_a_yes_to_what_is_out_of_the_ordinary_stops_and_can_be_taken_back(
    town: Town, case: str, note: str, sign_in, fact: str, told: str
) -> None:  # type: ignore[no-untyped-def]
    karin = sign_in("karin")
    answer = karin.post(to(town, note), **form(town, case, **{fact: "yes"}))
    assert answer.status_code == 422
    assert told in text(answer)
    assert f'name="{fact}"' in text(answer)
    assert "Stämmer ett svar inte, ändra det" in text(answer)
    assert made(town, case) == 0
    assert karin.post(to(town, note), **form(town, case, **{fact: "no"})).status_code == 303
    assert made(town, case) == 1


def test_an_expected_breach_of_the_gdpr_has_to_be_opened_too(
    town: Town, case: str, note: str, sign_in
) -> None:  # type: ignore[no-untyped-def]
    fields = form(town, case, gdpr_breach_assumed="yes", ask="1")
    html = text(sign_in("karin").post(to(town, note), **fields))
    assert "OSL 21 kap. 7 §" in html
    assert "Var och en behöver öppnas av en grund" in html


def test_what_was_saved_is_not_saved_again_word_for_word(
    town: Town, case: str, note: str, sign_in
) -> None:  # type: ignore[no-untyped-def]
    karin, young = sign_in("karin"), town.persons(case)[0]
    fields = form(town, case, **{f"not_inappropriate:{young}:answer": "no"})
    karin.post(to(town, note), **fields)
    fields[f"not_inappropriate:{young}:answer"] = "yes"
    assert karin.post(to(town, note), **fields).status_code == 303
    assert town.ops().count("note.disclosed") == 1


def test_a_note_corrected_meanwhile_is_not_disclosed(
    town: Town, case: str, note: str, sign_in
) -> None:  # type: ignore[no-untyped-def]
    karin = sign_in("karin")
    draft = NoteDraft(
        title="Hembesök",
        text="En annan text.",
        category="K11",
        attributes=PLAIN,
        described=town.persons(case)[:1],
    )
    correct_note(note, 1, draft, town.actors["karin"], token="", **town.hands)  # type: ignore[arg-type]
    answer = karin.post(to(town, note), **form(town, case))
    assert answer.status_code == 409
    assert "anteckningen har rättats sedan du öppnade sidan" in text(answer)
    assert SEEN in text(answer)
    assert made(town, case) == 0


def test_without_delegation_the_page_says_so_and_has_nothing_to_press(
    town: Town, note: str, sign_in
) -> None:  # type: ignore[no-untyped-def]
    town.actors["karin"] = replace(town.actors["karin"], delegations=())
    html = sign_in("karin").see(f"{to(town, note)}?purpose=prevent_crime")
    assert "Du har ingen delegation att besluta om utlämnande." in html
    assert 'name="checked"' not in html


def test_a_form_forged_without_delegation_is_refused(
    town: Town, case: str, note: str, sign_in
) -> None:  # type: ignore[no-untyped-def]
    town.actors["karin"] = replace(town.actors["karin"], delegations=())
    answer = sign_in("karin").post(to(town, note), **form(town, case))
    assert answer.status_code == 422
    assert made(town, case) == 0


def test_without_the_sessions_token_nothing_is_disclosed(
    town: Town, case: str, note: str, sign_in
) -> None:  # type: ignore[no-untyped-def]
    karin = sign_in("karin")
    answer = karin.post(to(town, note), **form(town, case, csrf_token=""))
    assert answer.status_code == 400
    assert made(town, case) == 0


def test_what_was_typed_survives_a_busy_database(
    town: Town, case: str, note: str, sign_in, monkeypatch
) -> None:  # type: ignore[no-untyped-def]
    karin = sign_in("karin")

    def busy(*_: object, **__: object) -> None:
        raise StoreBusy("busy")

    with monkeypatch.context() as patched:
        patched.setattr(Store, "begin", busy)
        answer = karin.post(to(town, note), **form(town, case))
    assert answer.status_code == 503
    assert SEEN in text(answer)


def test_what_was_typed_comes_back_after_a_time_out(
    town: Town, case: str, note: str, sign_in
) -> None:  # type: ignore[no-untyped-def]
    karin = sign_in("karin")
    answer = karin.post(to(town, note), **form(town, case), resume="1")
    assert answer.status_code == 200
    assert SEEN in text(answer)
    assert made(town, case) == 0


def test_asking_again_shows_the_answer_and_decides_nothing(
    town: Town, case: str, note: str, sign_in
) -> None:  # type: ignore[no-untyped-def]
    karin = sign_in("karin")
    answer = karin.post(to(town, note), **form(town, case), ask="1")
    assert answer.status_code == 200
    assert SEEN in text(answer)
    assert made(town, case) == 0


def test_a_duty_leaves_at_once(town: Town, sign_in) -> None:  # type: ignore[no-untyped-def]
    case = town.case("farida", reference="BUN 2026/12")
    note = town.note(case, "farida", category="K3")
    farida, child = sign_in("farida"), town.persons(case)[0]
    fields = {
        "purpose": "protect_child",
        "version": "1",
        "initiative": "own",
        "checked": "yes",
        "ordinary": "yes",
    }
    fields |= {
        f"child_fares_badly:{child}:answer": "yes",
        f"child_fares_badly:{child}:reasons": "Oro för hur hon har det hemma.",
    }
    answer = farida.post(to(town, note, "soc"), **fields)
    assert answer.status_code == 303
    assert "har kommit fram. Den kan inte tas tillbaka." in farida.see(answer.location)


def test_a_consent_that_is_needed_is_a_link_to_recording_it(
    town: Town, case: str, note: str, sign_in
) -> None:  # type: ignore[no-untyped-def]
    html = sign_in("karin").see(f"{to(town, note, 'akuten')}?purpose=coordinate_support")
    assert f'href="/arenden/{case}/samtycke"' in html


def test_an_approval_is_asked_for_on_the_page_that_names_who_can_give_it(
    town: Town, note: str, sign_in
) -> None:  # type: ignore[no-untyped-def]
    html = sign_in("karin").see(f"{to(town, note, 'skola')}?purpose=prevent_crime")
    assert "Kan svaras av: Eva Dahl, enhetschef." in html
    assert 'name="ask_approval"' in html


def test_what_the_note_lacks_is_a_link_to_correcting_it(town: Town, case: str, sign_in) -> None:  # type: ignore[no-untyped-def]
    unsure = town.note(case, attributes=replace(PLAIN, investigation="unknown", origin="POLICE"))
    html = sign_in("karin").see(f"{to(town, unsure)}?purpose=prevent_crime")
    assert f'href="/anteckningar/{unsure}/ratta"' in html


@pytest.mark.parametrize("recipient", ["polis", "skola"])
def test_a_fact_that_the_note_lacks_is_asked_for_before_an_approval(
    town: Town, case: str, sign_in, recipient: str
) -> None:  # type: ignore[no-untyped-def]
    unsure = town.note(case, attributes=replace(PLAIN, contact_known=False))
    html = sign_in("karin").see(f"{to(town, unsure, recipient)}?purpose=prevent_crime")
    assert "Något fattas först" in html
    assert f'href="/anteckningar/{unsure}/ratta"' in html
    assert 'name="ask_approval"' not in html


# --- stopping -------------------------------------------------------------------------------------


def test_a_disclosure_on_its_way_can_be_stopped(town: Town, case: str, note: str, sign_in) -> None:  # type: ignore[no-untyped-def]
    karin = sign_in("karin")
    sent = town.disclose(town.order(case, note, "polis"))
    answer = karin.post(f"/utlamnanden/{sent}/stoppa")
    assert answer.status_code == 303
    assert "Utlämnandet är stoppat. Ingenting kom fram." in karin.see(answer.location)


def test_what_has_arrived_cannot_be_stopped(town: Town, case: str, note: str, sign_in) -> None:  # type: ignore[no-untyped-def]
    karin = sign_in("karin")
    sent = town.disclose(town.order(case, note, "polis"))
    town.later(minutes=5)
    answer = karin.post(f"/utlamnanden/{sent}/stoppa")
    assert answer.status_code == 409
    assert "mottagarens egen handling och kan inte tas tillbaka" in text(answer)


def test_nobody_else_can_stop_it(town: Town, case: str, note: str, sign_in) -> None:  # type: ignore[no-untyped-def]
    sent = town.disclose(town.order(case, note, "polis"))
    sara = sign_in("sara")
    answer = sara.post(f"/utlamnanden/{sent}/stoppa")
    assert answer.status_code == 404
    assert answer.data == sara.get("/finns-inte").data


@pytest.mark.parametrize("purpose", ["nyfiken", "", "access"])
def test_a_purpose_that_is_none_loses_nothing_that_was_typed(town: Town, sign_in, purpose: str):  # type: ignore[no-untyped-def]
    case = town.case()
    note, young = town.note(case), town.persons(case)[0]
    karin = sign_in("karin")
    path = f"/anteckningar/{note}/lamna-ut/{town.organisations['polis'].id}"
    reasons = {f"risk_of_crime:{young}:answer": "yes", f"risk_of_crime:{young}:reasons": "Skälet."}
    before = len(town.ops())
    answer = karin.post(path, purpose=purpose, initiative="own", **reasons)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'id="purpose-wrong"' in page
    assert "note.disclosed" not in town.ops()[: len(town.ops()) - before]
    carried = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page))
    assert reasons.items() <= carried.items()
    assert f'action="{path}"' in page
    carried.pop("csrf_token")
    back = karin.post(path, **carried, purpose="prevent_crime", resume="1")
    page = back.get_data(as_text=True)
    assert back.status_code == 200
    assert "Skälet." in page


@pytest.mark.parametrize("sent", ["asked=yes", "purpose=nyfiken", "purpose="])
def test_that_no_purpose_was_chosen_is_told(note: str, sign_in, sent: str) -> None:  # type: ignore[no-untyped-def]
    answer = sign_in("karin").get(f"{at(note)}?{sent}")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "Vad behövs uppgiften till?" in page
    assert 'id="purpose-wrong"' in page


def test_an_address_with_an_unknown_purpose_leads_to_the_choice_which_says_so(
    town: Town,
    note: str,
    sign_in,  # type: ignore[no-untyped-def]
) -> None:
    karin = sign_in("karin")
    there = karin.get(f"{to(town, note)}?purpose=nyfiken").headers["Location"]
    assert karin.get(there).status_code == 422
