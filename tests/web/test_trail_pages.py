"""*Loggkontroll*, from the pages: in words, checked, and without the notes."""

from __future__ import annotations

import ast
import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import text as sql

import app.flows
from app.domain.subject import Identity
from app.flows.correct_identity import correct_identity
from app.flows.read_notes import read_notes
from app.flows.record_consent import withdraw_consent
from app.flows.seal_log import seal_log
from app.web.trail_sentences import CHECKS, OUTCOMES, REASONS, RESULTS, SENTENCES, WAITING
from audit.check import Reason
from audit.cosignature import ED25519, new_cosigning_key
from audit.signer import Signed, SignerState
from audit.signer_keys import SignerFiles, create_signer_keys
from audit.witnessing import WitnessAt, Witnesses
from tests.web.town import Town

NOWHERE = "01a207a2-3280-7857-b26f-3f1915f85abb"


@pytest.fixture
def case(town: Town) -> str:
    """A case in which something of each kind has happened."""
    case = town.case()
    note = town.note(case)
    read_notes(case, [note], town.actors["karin"], **town.hands)  # type: ignore[arg-type]
    consent = town.consent(case, "skola")
    town.disclose(town.order(case, note, "polis"))
    withdraw_consent(case, consent, town.actors["karin"], **town.hands)  # type: ignore[arg-type]
    return case


@pytest.fixture
def sealed(town: Town, case: str, tmp_path: Path, monkeypatch) -> str:  # type: ignore[no-untyped-def]
    """The case, in a log that has been signed."""
    folder = tmp_path / "signer"
    folder.mkdir()
    public = create_signer_keys(
        folder / "key", folder / "state", name="test.example/log", at=town.at
    )
    signed = seal_log(
        SignerFiles(folder / "key", SignerState(folder / "state")),
        at=town.at,
        store=town.store,
    )
    assert isinstance(signed, Signed)
    site = town.site()
    keyed = replace(site, work=replace(site.work, log_keys=public))
    monkeypatch.setattr(Town, "site", lambda _self: keyed)
    return case


@pytest.fixture
def asked(town: Town, sealed: str, monkeypatch) -> str:  # type: ignore[no-untyped-def]
    """The case, in an installation that asks a witness, who has not answered."""
    site = town.site()
    witness = WitnessAt("http://127.0.0.1:9", new_cosigning_key("w.example/w", ED25519).verifier)
    with_witness = replace(site, work=replace(site.work, witnesses=Witnesses((witness,), 1)))
    monkeypatch.setattr(Town, "site", lambda _self: with_witness)
    return sealed


def words(html: str) -> str:
    """What a reader sees, on one line."""
    return " ".join(re.sub(r"<[^>]+>", " ", html.partition("<main")[2]).split())


def test_the_supervisor_sees_the_cases_by_number(town: Town, case: str, sign_in) -> None:  # type: ignore[no-untyped-def]
    html = sign_in("chef").see("/loggkontroll")
    assert "SN 2026/0417" in html
    assert "Elliot" not in html


def test_each_reading_disclosure_and_withdrawal_is_told_in_words(
    town: Town, case: str, sign_in
) -> None:  # type: ignore[no-untyped-def]
    told = words(sign_in("chef").see(f"/loggkontroll/{case}"))
    who = "Karin Holm, socialsekreterare (handläggare)"
    for sentence in (
        "öppnade ärendet.",
        "skrev anteckning 1.",
        "öppnade anteckning 1.",
        "lämnade ut anteckning 1, version 1, till Lokalpolisområde Torsby.",
        "antecknade att samtycket för Fryxellska skolan är återkallat.",
    ):
        assert f"{who} {sentence}" in told


def test_a_disclosure_tells_purpose_rules_and_assessments(town: Town, case: str, sign_in) -> None:  # type: ignore[no-untyped-def]
    told = words(sign_in("chef").see(f"/loggkontroll/{case}"))
    assert "Ändamål Förebygga, förhindra eller upptäcka brott" in told
    assert "Ung person som riskerar att begå brott (OSL 10 kap. 18 a §)" in told
    assert "konkreta omständigheter visar en risk" in told
    assert ": ja" in told
    assert "Delegation punkt 4.2" in told


def test_a_correction_of_a_person_tells_which_fields_and_not_what_stood_in_them(
    town: Town, case: str, sign_in
) -> None:  # type: ignore[no-untyped-def]
    identity = Identity(name="Elliot Exempelsson", born=date(2009, 1, 2), protected="yes")
    [subject] = town.persons(case)
    correct_identity(case, subject, identity, town.actors["karin"], **town.hands)  # type: ignore[arg-type]
    html = words(sign_in("chef").see(f"/loggkontroll/{case}"))
    assert "Ändrade uppgifter födelsedatum, skyddade personuppgifter" in html
    assert "2009-01-02" not in html


def test_a_refusal_tells_why(town: Town, sign_in) -> None:  # type: ignore[no-untyped-def]
    case = town.case()
    note, karin = town.note(case), sign_in("karin")
    fields = {
        "purpose": "prevent_crime",
        "version": "1",
        "initiative": "own",
        "checked": "yes",
        "ordinary": "yes",
    }
    karin.post(f"/anteckningar/{note}/lamna-ut/{town.organisations['polis'].id}", **fields)
    told = words(sign_in("chef").see(f"/loggkontroll/{case}"))
    assert "men det nekades: lagen tillåter det inte som det är nu." in told
    assert "nekat" in told


def test_no_row_says_that_anything_was_permitted(town: Town, case: str, sign_in) -> None:  # type: ignore[no-untyped-def]
    """An act was carried out or denied; whether the law permits is another question."""
    chef = sign_in("chef")
    path = f"/loggkontroll/{case}"
    swedish = words(chef.see(path))
    chef.get("/sprak/en")
    english = words(chef.see(path))
    assert "genomfört" in swedish
    assert "tillåt" not in swedish
    assert "done" in english
    assert "allowed" not in english


def test_neither_texts_nor_names_nor_reasons_are_in_it(town: Town, case: str, sign_in) -> None:  # type: ignore[no-untyped-def]
    html = sign_in("chef").see(f"/loggkontroll/{case}")
    for hidden in ("Hembesök", "kamrater", "Elliot", "Därför att."):
        assert hidden not in html


def test_before_the_log_is_sealed_nothing_has_a_check_mark(town: Town, case: str, sign_in) -> None:  # type: ignore[no-untyped-def]
    html = sign_in("chef").see(f"/loggkontroll/{case}")
    assert "Inte kontrollerad: ännu inte förseglad" in html
    assert 'class="checked" data-color="success"' not in html


def test_a_sealed_row_has_a_check_mark_with_a_word(town: Town, sealed: str, sign_in) -> None:  # type: ignore[no-untyped-def]
    html = sign_in("chef").see(f"/loggkontroll/{sealed}")
    marked = re.findall(r'class="checked" data-color="success"><svg.*?</svg>(\w+)', html, re.S)
    assert set(marked) == {"Kontrollerad"}
    assert "ännu inte förseglad<" not in html


def test_the_page_says_what_the_mark_means(town: Town, case: str, sign_in) -> None:  # type: ignore[no-untyped-def]
    html = sign_in("chef").see(f"/loggkontroll/{case}")
    assert "senaste signerade kontrollpunkten" in html


def test_a_row_changed_in_the_database_is_alarming(town: Town, sealed: str, sign_in) -> None:  # type: ignore[no-untyped-def]
    with town.store.engine.begin() as connection:
        connection.execute(
            sql("UPDATE audit_detail SET body = :body WHERE field = 'detail'"),
            {"body": bytes(200)},
        )
    html = sign_in("chef").see(f"/loggkontroll/{sealed}")
    assert "Loggen stämmer inte" in html
    assert "Inte kontrollerad: uppgifterna om hur kan inte öppnas" in html


def test_an_entry_taken_out_of_the_index_is_alarming(town: Town, sealed: str, sign_in) -> None:  # type: ignore[no-untyped-def]
    with town.store.engine.begin() as connection:
        gone = "DELETE FROM audit_view WHERE case_id = :case AND op = 'case.started'"
        connection.execute(sql(gone), {"case": sealed})
    html = sign_in("chef").see(f"/loggkontroll/{sealed}")
    assert "Loggen stämmer inte" in html
    assert "En post om ärendet finns i loggen men inte i förteckningen" in html


def test_a_row_of_the_index_that_says_otherwise_shows_what_the_entry_says(  # type: ignore[no-untyped-def]
    town: Town, sealed: str, sign_in
) -> None:
    with town.store.engine.begin() as connection:
        other = "UPDATE audit_view SET op = 'case.viewed' WHERE case_id = :case"
        connection.execute(sql(other), {"case": sealed})
    html = sign_in("chef").see(f"/loggkontroll/{sealed}")
    assert "Loggen stämmer inte" in html
    assert "förteckningen över posterna har ändrats i efterhand" in html


@pytest.mark.parametrize("path", ["/loggkontroll/logg", "/loggkontroll/signaler"])
def test_what_is_missing_in_the_index_is_told_where_it_is_looked_for(  # type: ignore[no-untyped-def]
    town: Town, case: str, sign_in, path: str
) -> None:
    chef = sign_in("chef")
    assert "Loggen stämmer inte" not in chef.see(path)
    with town.store.engine.begin() as connection:
        of = {"case": case}
        found = "SELECT n FROM audit_view WHERE case_id = :case AND op = 'case.started'"
        n = connection.execute(sql(found), of).scalar_one()
        gone = "DELETE FROM audit_view WHERE case_id = :case AND op = 'case.started'"
        connection.execute(sql(gone), of)
    told = words(chef.see(path))
    assert "En post i loggen stämmer inte med förteckningen över posterna" in told
    assert f"Det gäller post {n}." in told
    assert "posten har tagits bort ur förteckningen över posterna" in told
    assert "öppnade ärendet" in told


def test_a_long_trail_is_shown_a_page_at_a_time_and_checked_whole(
    town: Town, sealed: str, sign_in, monkeypatch: pytest.MonkeyPatch
) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr("app.web.trail.PAGE", 2)
    chef, seen = sign_in("chef"), []
    path = f"/loggkontroll/{sealed}"
    whole = re.search(r"(\d+) poster, den senaste överst: \1 kontrollerade", words(chef.see(path)))
    assert whole
    while path:
        html = chef.see(path)
        seen += [int(one) for one in re.findall(r"· post (\d+)", words(html))]
        older = re.search(r'href="([^"]*fore=[^"]*)"', html)
        path = older[1].replace("&amp;", "&") if older else ""
    assert seen[0] > seen[-1]
    assert len(set(seen)) == len(seen) >= int(whole[1])


def test_a_trail_can_be_narrowed_to_a_kind_of_act(town: Town, case: str, sign_in) -> None:  # type: ignore[no-untyped-def]
    chef = sign_in("chef")
    told = words(chef.see(f"/loggkontroll/{case}?slag=disclosed"))
    assert "lämnade ut anteckning 1, version 1" in told
    assert "öppnade anteckning 1." not in told
    assert "öppnade anteckning 1." in words(chef.see(f"/loggkontroll/{case}?slag=okand&fore=x"))


def test_looking_is_an_entry_of_its_own(town: Town, case: str, sign_in) -> None:  # type: ignore[no-untyped-def]
    chef = sign_in("chef")
    chef.see(f"/loggkontroll/{case}")
    told = words(chef.see(f"/loggkontroll/{case}"))
    assert "Eva Dahl, enhetschef (arbetsledare) gjorde loggkontroll" in told


@pytest.mark.parametrize("path", ["/loggkontroll", "/loggkontroll/{case}"])
def test_for_others_it_looks_like_what_is_not_there(
    town: Town, case: str, sign_in, path: str
) -> None:  # type: ignore[no-untyped-def]
    karin = sign_in("karin")
    answer = karin.get(path.format(case=case))
    assert answer.status_code == 404
    assert answer.data == karin.get("/finns-inte").data


def test_a_case_that_is_not_there_looks_the_same(town: Town, sign_in) -> None:  # type: ignore[no-untyped-def]
    chef = sign_in("chef")
    answer = chef.get(f"/loggkontroll/{NOWHERE}")
    assert (answer.status_code, answer.data) == (404, chef.get("/finns-inte").data)


def ops() -> set[str]:
    """Every kind of entry that a flow can leave: texts like `note.read` that are not fields."""
    found: set[str] = set()
    for file in Path(app.flows.__path__[0]).glob("*.py"):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        found |= {
            node.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and re.fullmatch(r"[a-z]+\.(?!(?:csv|json|jsonl|pdf|toml|zip)$)[a-z_]+", node.value)
        }
        found |= {
            f"{what}.add_refused"
            for what in ("organisation", "staff", "role", "delegation")
            if file.name == "install.py"
        }
    return found


def test_every_kind_of_entry_has_its_sentence() -> None:
    assert ops() == SENTENCES.keys()


def test_every_reason_not_to_verify_has_its_words() -> None:
    assert set(Reason.__args__) == CHECKS.keys()  # type: ignore[attr-defined]
    assert CHECKS.keys() > WAITING


def test_every_sentence_fills_only_blanks_that_are_known() -> None:
    names = (
        "note",
        "version",
        "recipient",
        "sender",
        "reason",
        "relation",
        "by",
        "entries",
        "colleague",
    )
    blanks = dict.fromkeys(names, "x")
    for table in (SENTENCES, REASONS, OUTCOMES, RESULTS):
        for sentence in table.values():
            assert "%" not in str(sentence._args[0]) % blanks


def test_the_organisations_log_is_searched_by_person_without_naming_them(
    town: Town, case: str, sign_in
) -> None:  # type: ignore[no-untyped-def]
    chef = sign_in("chef")
    other = town.case(name="Alva Provsson", reference="SN 2026/0500")
    answer = chef.post("/loggkontroll/logg", person="exempelsson elliot", act="disclosed")
    html = answer.get_data(as_text=True)
    told = words(html)
    assert "lämnade ut en anteckning, version 1, till Lokalpolisområde Torsby." in told
    assert f'href="/loggkontroll/{case}"' in html
    assert other not in html
    assert "Elliot" not in html


NO_WITNESS = "Ingen utanför organisationen är inställd som vittne till loggen."


@pytest.mark.parametrize("page", ["/loggkontroll/logg", "/loggkontroll/{case}"])
def test_each_row_tells_seal_and_witness_where_a_witness_is_asked(
    town: Town, asked: str, sign_in, page: str
) -> None:  # type: ignore[no-untyped-def]
    told = words(sign_in("chef").see(page.format(case=asked)))
    assert "Kontrollerad" in told
    assert told.count("Ännu inte bevittnad") > 3
    assert NO_WITNESS not in told


@pytest.mark.parametrize("page", ["/loggkontroll/logg", "/loggkontroll/{case}"])
def test_where_no_witness_is_asked_the_page_says_so_once_and_no_row_waits_for_one(
    town: Town, sealed: str, sign_in, page: str
) -> None:  # type: ignore[no-untyped-def]
    told = words(sign_in("chef").see(page.format(case=sealed)))
    assert told.count(NO_WITNESS) == 1
    assert "evittnad" not in told


def test_what_was_typed_survives_a_search_that_cannot_be_made(town: Town, sign_in) -> None:  # type: ignore[no-untyped-def]
    answer = sign_in("chef").post("/loggkontroll/logg", person="Elliot", since="i går")
    html = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'value="i går"' in html
    assert 'value="Elliot"' in html
