"""*Regelpaket*: what is in use, what is proposed and what it changes, and who decides."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest

from app.flows import examine_pack as examining
from app.flows.install import Operator
from app.flows.pack_folder import packs_in, read_pack
from app.records.disclosure import disclosures_of_case
from app.records.pack_activation import pack_hash_in_use
from app.web import disclosures
from policies import PackError, pack_contents
from policies.scenarios import packaged_cases
from tests.flows import packs
from tests.flows.town import put_in_use
from tests.web.town import Town


@pytest.fixture(autouse=True)
def compared_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(examining, "find", packs.find_once)


@pytest.fixture(autouse=True)
def folder(town: Town, tmp_path: Path) -> Path:
    """Where packs lie ready."""
    town.state = tmp_path
    return tmp_path / "packs"


@pytest.fixture
def maja(town: Town, sign_in):  # type: ignore[no-untyped-def]
    """A lawyer at the social services."""
    return _lawyer(town, sign_in, "maja", "soc")


@pytest.fixture
def olle(town: Town, sign_in):  # type: ignore[no-untyped-def]
    """A lawyer at the police."""
    return _lawyer(town, sign_in, "olle", "polis")


def _lawyer(town: Town, sign_in, name: str, where: str):  # type: ignore[no-untyped-def]
    from tests.flows.town import _employed

    operator = Operator(name="tester", ring=town.rings.current("installation"))
    organisation = town.organisations[where]
    actor = _employed(name.title(), organisation, frozenset({"lawyer"}), operator, town.store)
    town.actors[name] = replace(actor, title="jurist")
    return sign_in(name)


def put(folder: Path, name: str, contents: packs.Contents) -> None:
    for file, data in contents.items():
        path = folder / name / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def propose(someone, name: str) -> str:  # type: ignore[no-untyped-def]
    answer = someone.post("/regelpaket", source=f"folder:{name}", once="o" * 36)
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return str(answer.location)


def examine(someone, path: str) -> str:  # type: ignore[no-untyped-def]
    for _ in range(2):
        assert someone.post(f"{path}/granska").status_code == 303
    return str(someone.see(path))


def in_use(town: Town) -> str | None:
    with town.store.look(at=town.at) as tx:
        return pack_hash_in_use(tx)


def test_from_a_folder_to_the_rules_in_use(town: Town, folder: Path, maja, olle) -> None:
    contents = packs.narrower()
    put(folder, "snavare", contents)
    case = town.case()
    town.disclose(town.order(case, town.note(case), "polis"))
    town.later(days=1)
    assert "Mappen snavare" in maja.see("/regelpaket")
    path = propose(maja, "snavare")
    assert "Jämför paketen" in maja.see(path)
    seen = examine(maja, path)
    assert "Släpper ut mindre" in seen
    assert "Socialtjänsten (socialnämnden) till Polismyndigheten" in seen
    assert "Era egna beslut som hade blivit annorlunda" in seen
    assert "Någon annan behöver ta det i bruk" in seen
    assert "Ta i bruk</button>" not in seen
    others = olle.see(path)
    assert "Era egna beslut som hade blivit annorlunda" not in others
    assert "Lämnades ut, men hade nekats" in others
    answer = olle.post(f"{path}/ta-i-bruk")
    assert (answer.status_code, answer.location) == (303, "/regelpaket")
    assert in_use(town) == packs.law_of(contents).sha256
    assert packs.VERSION in maja.see("/regler"), "the same process goes by it from now on"


def test_what_lets_out_more_without_a_reason_says_which_rule(
    town: Town, folder: Path, maja, olle
) -> None:
    put(folder, "vidare", packs.wider(explained=False))
    path = propose(maja, "vidare")
    maja.post(f"{path}/granska")
    seen = olle.see(path)
    assert "utan ett granskat skäl" in seen
    assert "Ung person som riskerar att begå brott (P-18a)" in seen
    before = in_use(town)
    answer = olle.post(f"{path}/ta-i-bruk")
    assert answer.status_code == 409
    assert in_use(town) == before


def test_the_reason_is_shown_with_who_reviewed_it(folder: Path, maja) -> None:
    put(folder, "vidare", packs.wider(explained=True))
    seen = examine(maja, propose(maja, "vidare"))
    assert "Släpper ut mer" in seen
    assert "Jurist Påhittad" in seen


def test_it_is_told_in_english(folder: Path, maja) -> None:
    put(folder, "vidare", packs.wider(explained=True))
    path = propose(maja, "vidare")
    examine(maja, path)
    maja.client.get("/sprak/en")
    page = maja.client.get(path, headers={"Accept-Language": "en"}).get_data(as_text=True)
    assert "Lets out more" in page
    assert "the person is under 21" in page


def test_the_proposer_cannot_activate_by_hand(town: Town, folder: Path, maja) -> None:
    put(folder, "ny", packs.reworded())
    path = propose(maja, "ny")
    examine(maja, path)
    before = in_use(town)
    answer = maja.post(f"{path}/ta-i-bruk")
    assert answer.status_code == 409
    assert "Du har själv föreslagit paketet" in answer.get_data(as_text=True)
    assert in_use(town) == before


def test_every_fault_is_shown_with_its_file_and_line(folder: Path, maja) -> None:
    contents = packs.reworded()
    contents["secrecy.toml"] = b"[[secrecy\n"
    contents["nonsense.toml"] = b"x = '<script>'"
    put(folder, "trasigt", contents)
    answer = maja.post("/regelpaket", source="folder:trasigt")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "<code>secrecy.toml:1</code>" in page
    assert "<code>nonsense.toml</code>" in page


def test_the_packaged_rules_are_offered_where_they_are_not_in_use(
    town: Town, folder: Path, maja, olle
) -> None:
    assert "som följer med" not in maja.see("/regelpaket")
    put(folder, "ny", packs.reworded())
    path = propose(maja, "ny")
    examine(maja, path)
    olle.post(f"{path}/ta-i-bruk")
    assert "som följer med" in maja.see("/regelpaket")
    answer = maja.post("/regelpaket", source="packaged")
    assert answer.status_code == 303


@pytest.mark.parametrize(
    "source", ["", "folder:../../etc", "folder:/etc", "folder:.", "folder:finns-inte", "folder:"]
)
def test_only_what_lies_ready_can_be_chosen(folder: Path, maja, source: str) -> None:
    put(folder, "ny", packs.reworded())
    assert maja.post("/regelpaket", source=source).status_code == 422


def test_links_are_not_followed(folder: Path, tmp_path: Path) -> None:
    put(tmp_path / "elsewhere", "ny", packs.reworded())
    folder.mkdir()
    (folder / "lank").symlink_to(tmp_path / "elsewhere" / "ny")
    put(folder, "ny", packs.reworded())
    (folder / "ny" / "roles.toml").unlink()
    (folder / "ny" / "roles.toml").symlink_to("/etc/passwd")
    assert packs_in(tmp_path) == ("ny",)
    with pytest.raises(PackError) as fault:
        read_pack(tmp_path, "ny")
    assert [one.file for one in fault.value.problems] == ["roles.toml"]
    assert "root:" not in str(fault.value)


def test_a_folder_behind_a_link_inside_a_pack_is_not_read(folder: Path, tmp_path: Path) -> None:
    put(tmp_path / "elsewhere", "rules", {"x.toml": b"secret = 1"})
    put(folder, "ny", {"pack.toml": b""})
    (folder / "ny" / "rules").symlink_to(tmp_path / "elsewhere" / "rules")
    with pytest.raises(PackError) as fault:
        read_pack(tmp_path, "ny")
    assert "rules/x.toml: lies behind a link" in str(fault.value)


def test_a_withdrawn_proposal_is_shown_as_such(folder: Path, maja) -> None:
    put(folder, "ny", packs.reworded())
    path = propose(maja, "ny")
    assert maja.post(f"{path}/ta-tillbaka").status_code == 303
    assert "Tillbakataget" in maja.see("/regelpaket")


@pytest.mark.parametrize("name", ["karin", "chef"])
def test_others_find_nothing_there(folder: Path, maja, sign_in, name: str) -> None:
    put(folder, "ny", packs.reworded())
    path = propose(maja, "ny")
    someone = sign_in(name)
    assert someone.get("/regelpaket").status_code == 404
    assert someone.get(path).status_code == 404
    for act in ("granska", "ta-i-bruk", "ta-tillbaka"):
        assert someone.post(f"{path}/{act}").status_code == 404
    assert someone.post("/regelpaket", source="folder:ny").status_code == 404
    assert "Regelpaket" not in someone.see("/")


@pytest.mark.parametrize(
    "path", ["/regler", "/regler/kallor", "/regler/matris", "/regler/regel/P-18a"]
)
def test_the_pages_of_the_law_go_by_another_pack_too(
    town: Town, sign_in, tmp_path: Path, path: str
) -> None:
    put(tmp_path, "andra", packs.narrower())
    put_in_use(town, tmp_path / "andra", town.actors["chef"], town.actors["ombud"])
    assert sign_in("karin").get(path).status_code == 200


def test_a_rule_is_shown_by_the_cases_of_the_pack_in_use(
    town: Town, sign_in, tmp_path: Path
) -> None:
    """One case of its own instead of those that come with the software."""
    contents = packs.narrower()
    case = pack_contents()["scenarios/tillatet/s58_fristaende_skola_oro.toml"]
    contents["scenarios/egen.toml"] = case.replace(b'id = "S58"', b'id = "E1"')
    put(tmp_path, "andra", contents)
    put_in_use(town, tmp_path / "andra", town.actors["chef"], town.actors["ombud"])
    karin = sign_in("karin")
    assert "inget fall som visar regeln" in karin.see("/regler/regel/P-18a")
    assert karin.get("/regler/fall/S08").status_code == 404
    assert 'href="/regler/fall/E1"' in karin.see("/regler/regel/D-1")
    assert karin.get("/regler/fall/E1").status_code == 200
    assert "Fallen följer med Sluss" in karin.see("/ova")
    assert "/regler/fall/" not in karin.see("/ova/1?answer=must")


def test_the_outcome_of_the_packs_own_cases_is_shown(folder: Path, maja) -> None:
    put(folder, "ny", packs.reworded())
    seen = maja.see(propose(maja, "ny"))
    assert f"Paketet har {len(packaged_cases().all)} egna fall" in seen
    put(folder, "utan", packs.narrower())
    assert "Paketet har inga egna fall" in maja.see(propose(maja, "utan"))


@pytest.mark.parametrize("path", ["/fraga", "/ova", "/ova/1", "/ova/2"])
def test_so_do_questions_and_training(town: Town, sign_in, tmp_path: Path, path: str) -> None:
    put(tmp_path, "andra", packs.narrower())
    put_in_use(town, tmp_path / "andra", town.actors["chef"], town.actors["ombud"])
    assert sign_in("karin").get(path).status_code == 200


def test_rules_activated_while_somebody_decides_disclose_nothing_and_keep_what_was_typed(
    town: Town, sign_in, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path, "andra", packs.reworded())
    case = town.case()
    note, young = town.note(case), town.persons(case)[0]
    through = disclosures.disclose_note

    def meanwhile(*given: object, **named: object) -> object:
        put_in_use(town, tmp_path / "andra", town.actors["chef"], town.actors["ombud"])
        monkeypatch.setattr(disclosures, "disclose_note", through)
        return through(*given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(disclosures, "disclose_note", meanwhile)
    fields = {
        "purpose": "prevent_crime",
        "version": "1",
        "initiative": "own",
        "checked": "yes",
        "ordinary": "yes",
    }
    for statement in town.statements("P-18a"):
        fields[f"{statement}:{young}:answer"] = "yes"
        fields[f"{statement}:{young}:reasons"] = "Därför att det är så."
        fields[f"{statement}:{young}:circumstances"] = "2026-11-20, sett av mig."
    karin = sign_in("karin")
    path = f"/anteckningar/{note}/lamna-ut/{town.organisations['polis'].id}"
    answer = karin.post(path, **fields)
    page = answer.get_data(as_text=True)
    assert (answer.status_code, "nya regler togs i bruk" in page) == (409, True)
    assert "Därför att det är så." in page
    assert "note.disclosed" not in town.ops()
    assert karin.post(path, **fields).status_code == 303, "and the next time the new ones decide"


def test_an_old_decision_is_told_by_the_rules_of_its_day(
    town: Town, sign_in, tmp_path: Path
) -> None:
    case = town.case()
    town.disclose(town.order(case, town.note(case), "polis"))
    contents = packs.reworded()
    rules = contents["rules/permissions.toml"].decode()
    title = "Ung person som riskerar att begå brott"
    assert title in rules
    contents["rules/permissions.toml"] = rules.replace(title, "Något helt annat").encode()
    put(tmp_path, "andra", contents)
    put_in_use(town, tmp_path / "andra", town.actors["chef"], town.actors["ombud"])
    seen = sign_in("chef").see(f"/loggkontroll/{case}")
    assert title in seen
    assert "Något helt annat" not in seen


def cited_otherwise(town: Town, folder: Path) -> None:
    """The rule has been given another provision since."""
    contents = packs.reworded()
    rules = contents["rules/permissions.toml"].decode()
    before, rule = rules.split('id = "P-18a"\n', 1)
    assert 'at = "10:18a"' in rule
    rule = rule.replace('at = "10:18a"', 'at = "10:18b"', 1)
    contents["rules/permissions.toml"] = f'{before}id = "P-18a"\n{rule}'.encode()
    put(folder, "andra", contents)
    put_in_use(town, folder / "andra", town.actors["chef"], town.actors["ombud"])


@pytest.mark.parametrize("path", ["/utlamnanderegister", "/delegation/beslut", "letter"])
def test_provisions_are_those_of_the_pack_that_decided(
    town: Town, sign_in, tmp_path: Path, path: str
) -> None:
    case = town.case()
    town.disclose(town.order(case, town.note(case), "polis"))
    town.later(minutes=10)
    cited_otherwise(town, tmp_path)
    who = sign_in("karin" if path == "letter" else "chef")
    if path == "letter":
        with town.store.look(at=town.at) as tx:
            path = f"/utlamnanden/{disclosures_of_case(tx, case)[0].id}/brev"
        young = who.see(path).split('name="addressee" value="')[1].split('"')[0]
        who.post(path, outcome="released", addressee=young, language="sv")
    seen = unescape(re.sub(r"<[^>]+>", "", who.see(path))).replace("\xa0", " ")
    assert "10 kap. 18 a §" in seen
    assert "10 kap. 18 b §" not in seen
