"""*Exporter*, from the pages: two persons, what was typed kept, and a file that verifies."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from app.domain.ids import INSTALLATION
from app.flows.install import Operator
from app.flows.renew_exports import begin_exports_again
from app.flows.seal_log import seal_log
from app.web import exports
from audit.signer import SignerState
from audit.signer_keys import SignerFiles, create_signer_keys
from audit.verify import verify_export
from audit.zipped import as_folder
from tests.conftest import PATIENCE_MS
from tests.web.town import Town

ORDER = {
    "kind": "organisation",
    "recipient": "Granskare AB",
    "purpose": "Årlig granskning",
    "staff_named": "no",
    "reasons_shown": "no",
    "language": "sv",
}


@pytest.fixture
def sealed(town: Town, tmp_path: Path, monkeypatch):  # type: ignore[no-untyped-def]
    """Seals the log as it stands; the pages know its key."""
    folder = tmp_path / "signer"
    folder.mkdir()
    public = create_signer_keys(
        folder / "key", folder / "state", name="test.example/log", at=town.at
    )
    site = town.site()
    work = replace(site.work, log_keys=public, state=tmp_path / "state")
    monkeypatch.setattr(Town, "site", lambda _self: replace(site, work=work))
    files = SignerFiles(folder / "key", SignerState(folder / "state"))
    return public, lambda: seal_log(files, at=town.at, store=town.store)


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html.partition("<main")[2]).split())


def _one(page: str) -> str:
    found = re.search(r'href="(/exporter/[0-9a-f-]{36})"', page)
    assert found
    return found[1]


def test_it_is_ordered_released_written_and_fetched(  # type: ignore[no-untyped-def]
    town: Town, sealed, sign_in, tmp_path: Path
) -> None:
    public, seal = sealed
    town.note(town.case())
    chief, officer = sign_in("chef"), sign_in("ombud")
    assert chief.post("/exporter/bestall", **ORDER).status_code == 303
    path = _one(officer.see("/exporter"))
    assert "Du har beställt exporten" in words(chief.see(path))
    assert officer.post(f"{path}/beslut", decision="released").location == path
    assert "poster ska gås igenom" in words(chief.see(path))
    assert chief.post(f"{path}/skriv").status_code == 303
    assert "väntar på att loggen signeras" in words(chief.see(path))
    seal()
    chief.post(f"{path}/skriv")
    assert "Exporten är klar att hämta." in words(chief.see(path))
    got = chief.post(f"{path}/hamta")
    assert got.mimetype == "application/zip"
    name = got.headers["Content-Disposition"]
    assert re.search(r'filename="sluss-export-[0-9a-f-]{36}\.zip"', name)
    assert got.headers["Cache-Control"] == "no-store"
    (tmp_path / "got.zip").write_bytes(got.get_data())
    with as_folder(tmp_path / "got.zip") as folder:
        report = verify_export(folder, public)
    assert report.verified, report.words()
    with zipfile.ZipFile(io.BytesIO(got.get_data())) as archive:
        assert archive.read("contents/report.pdf").startswith(b"%PDF")


def test_one_press_writes_and_finishes_it_when_the_signer_comes_meanwhile(  # type: ignore[no-untyped-def]
    town: Town, sealed, sign_in, monkeypatch: pytest.MonkeyPatch
) -> None:
    town.note(town.case())
    chief, officer = sign_in("chef"), sign_in("ombud")
    chief.post("/exporter/bestall", **ORDER)
    path = _one(officer.see("/exporter"))
    officer.post(f"{path}/beslut", decision="released")
    # What is tested is what one press does, not how fast a busy machine writes a report.
    monkeypatch.setattr(exports, "_A_WHILE_SECONDS", PATIENCE_MS / 1000)
    monkeypatch.setattr(exports.time, "sleep", lambda _seconds: sealed[1]())
    chief.post(f"{path}/skriv")
    page = words(chief.see(path))
    assert "Exporten är klar att hämta." in page
    assert "Gör färdigt" not in page


def test_a_person_known_by_name_alone_is_found_in_the_chosen_case_only(  # type: ignore[no-untyped-def]
    town: Town, sign_in
) -> None:
    chief = sign_in("chef")
    assert "beställ det för sig" in words(chief.see("/exporter/bestall"))
    known, unknown = town.case(), town.case(name="Okänd Ung", born=None, reference="SN 2026/9")
    for case, told in ((known, False), (unknown, True)):
        answer = chief.post("/exporter/bestall", **{**ORDER, "kind": "subject", "case_id": case})
        assert answer.status_code == 303
        page = words(chief.see("/exporter"))
        assert ("andra ärenden om samma person kan inte hittas" in page) is told


def test_what_waits_to_be_fetched_and_is_written_anew_says_why(  # type: ignore[no-untyped-def]
    town: Town, sign_in
) -> None:
    town.note(town.case())
    chief, officer = sign_in("chef"), sign_in("ombud")
    chief.post("/exporter/bestall", **ORDER)
    path = _one(officer.see("/exporter"))
    officer.post(f"{path}/beslut", decision="released")
    assert "har gallrats" not in words(chief.see(path))
    chief.post(f"{path}/skriv")
    operator = Operator(name="arkivarien", ring=town.rings.current(INSTALLATION))
    with town.store.begin(at=town.at) as tx:
        begin_exports_again(tx, [0, 1, 2], operator, town.rings)
    assert "har gallrats, så den skrivs om" in words(chief.see(path))
    assert chief.post(f"{path}/hamta").status_code == 303
    assert "Exporten kan inte hämtas nu." in words(chief.see(path))


def test_what_was_typed_survives_every_error(town: Town, sign_in) -> None:  # type: ignore[no-untyped-def]
    answer = sign_in("chef").post(
        "/exporter/bestall",
        recipient="Granskare <AB>",
        day_from="i fjol",
        day_until="2027-13-01",
        age_key="hemlig",
        kind="case",
    )
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'value="Granskare &lt;AB&gt;"' in page
    assert 'value="hemlig"' in page
    for sentence in (
        "Välj ett av era ärenden.",
        "Skriv vad exporten ska användas till.",
        "Skriv datumet som ÅÅÅÅ-MM-DD",
        "Skriv mottagarens publika nyckel för age",
        "Välj om mottagaren får se skälen.",
    ):
        assert sentence in page
    assert "export.ordered" not in town.ops()


def test_a_refusal_needs_its_reason(town: Town, sign_in) -> None:  # type: ignore[no-untyped-def]
    chief, officer = sign_in("chef"), sign_in("ombud")
    chief.post("/exporter/bestall", **ORDER)
    path = _one(officer.see("/exporter"))
    answer = officer.post(f"{path}/beslut", decision="refused")
    assert answer.status_code == 422
    assert "Skriv varför du nekar." in answer.get_data(as_text=True)
    nothing = officer.post(f"{path}/beslut", decision="refused", reason=". " * 20)
    assert nothing.status_code == 422
    assert "minst 15 bokstäver eller siffror" in nothing.get_data(as_text=True)
    why = "Urvalet är för vitt för det som ska granskas."
    assert officer.post(f"{path}/beslut", decision="refused", reason=why).status_code == 303
    assert "Nekad" in words(officer.see(path))


def test_whoever_ordered_is_told_that_somebody_else_decides(town: Town, sign_in) -> None:  # type: ignore[no-untyped-def]
    officer = sign_in("ombud")
    officer.post("/exporter/bestall", **ORDER)
    path = _one(officer.see("/exporter"))
    assert "Besluta" not in words(officer.see(path))
    officer.post(f"{path}/beslut", decision="released")
    assert "kan inte själv avgöra" in officer.see(path)


def test_those_without_the_task_find_nothing(town: Town, sign_in) -> None:  # type: ignore[no-untyped-def]
    sign_in("chef").post("/exporter/bestall", **ORDER)
    karin = sign_in("karin")
    assert "Exporter" not in karin.see("/")
    for path in ("/exporter", "/exporter/bestall"):
        assert karin.get(path).status_code == 404


def test_a_fault_in_the_report_is_told_and_nothing_is_lost(  # type: ignore[no-untyped-def]
    town: Town, sealed, sign_in, monkeypatch: pytest.MonkeyPatch
) -> None:
    chief, officer = sign_in("chef"), sign_in("ombud")
    chief.post("/exporter/bestall", **ORDER)
    path = _one(officer.see("/exporter"))
    officer.post(f"{path}/beslut", decision="released")

    def fails(*_: object, **__: object) -> None:
        raise exports.ReportFault("no libraries")

    monkeypatch.setattr(exports, "work_export", fails)
    chief.post(f"{path}/skriv")
    assert "Exporten kunde inte skrivas nu." in chief.see(path)


def test_that_the_database_contradicts_the_log_is_told_and_nothing_is_written(  # type: ignore[no-untyped-def]
    town: Town, sealed, sign_in
) -> None:
    chief, officer = sign_in("chef"), sign_in("ombud")
    chief.post("/exporter/bestall", **ORDER)
    path = _one(officer.see("/exporter"))
    officer.post(f"{path}/beslut", decision="released")
    with town.store.engine.begin() as connection:
        connection.execute(text("UPDATE audit_view SET res = 'deny'"))
    chief.post(f"{path}/skriv")
    assert "Exporten skrivs inte" in chief.see(path)
    found = chief.see("/loggkontroll/logg")
    assert "skrev inte en export av loggen, därför att" in found
    assert "Gäller post" in found
