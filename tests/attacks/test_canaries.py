"""No text about a person is found where it should not be, whatever happens on the way."""

from __future__ import annotations

import sqlite3
import zipfile
from contextlib import contextmanager
from io import BytesIO, StringIO
from pathlib import Path
from unittest.mock import patch

import psycopg
import pytest
import sqlalchemy
from werkzeug.test import TestResponse

from app.flows.export_trail import ExportOrder, export_trail
from app.flows.recognise import Recognised, recognise
from app.flows.seal_log import seal_log
from app.flows.work_export import ExportReady, Worker, work_export
from app.signer_files import signer_files
from app.web.told_sentences import told_sentence
from audit.export import Exported
from tests.attacks.canaries import Canaries, addresses, titles
from tests.attacks.house import Browser, House
from tests.attacks.story import PLAIN, Story

DISCLOSED = {"disclosed title", "disclosed text", "young name", "young number", "young born"}
"""What was lawfully told to the police, and nothing else."""
OWN_AT_POLICE = {"name at the police", "police reference", "registration number"}
EXPORT_ORDER = {"export recipient", "export purpose"}
"""Seen by those who order and release exports, and told in the export itself."""
READ_TO_APPROVE = {
    "disclosed title",
    "disclosed text",
    "young name",
    "reasons for approval",
    "reasons of the supervisor",
}
"""What the supervisor was asked to approve, and read as an entry in the log."""
EXTRACT = {"young name", "why staff are named"}
"""Before a register extract: whose it is, and what was assessed."""
ROUND = {
    "question to the employee",
    "reply to the reviewer",
    "remark of the reviewer",
    "suspicion of the reviewer",
}
"""Between a reviewer of the log and the one asked; the suspicion stands in the log itself."""
CASE_NUMBER = {"reference"}
"""A case's number is its pseudonym: staff of its own organisation see it everywhere."""


@pytest.fixture
def canaries() -> Canaries:
    return Canaries()


@pytest.fixture
def told(house: House, canaries: Canaries, capfd) -> Story:
    """The main flow with canaries in every field."""
    story = Story(house, canaries.word)
    canaries.plant("reference", story.reference)
    canaries.plant("request reference", story.request_reference)
    canaries.plant_number("young number", story.number)
    canaries.plant("young born", "2009-05-04")
    canaries.plant("sibling born", "2011-02-03")
    canaries.plant("sibling born, corrected", "2011-02-04")
    canaries.plant("registration number", "A 2026/7720911")
    canaries.plant("police reference", "A 2026/7720912")
    return story.tell()


def everything_goes_wrong(story: Story, canaries: Canaries) -> None:
    """Each way a request can fail, with a canary in what was sent."""
    house, word = story.house, canaries.word
    karin, stranger = house.as_("karin"), house.new_browser()
    stranger.token = karin.token
    stranger.sign_in(word("user name typed"), word("password typed"))
    stranger.sign_in("karin", word("password of another"))
    stranger.post("/logga-in", {"user_name": word("name alone"), "password": ""})

    write = f"/arenden/{story.case}/anteckning"
    note = {**PLAIN, "title": word("lost title"), "text": word("lost text"), "described": "nobody"}
    _status(422, karin.post(write, {**note, "category": word("category typed")}))
    _status(422, karin.post(write, {**note, "text": word("long text") * 5000}))
    _status(
        422,
        karin.post("/arenden/nytt", {"name": word("lost name"), "reference": word("no number")}),
    )
    _status(422, karin.post(f"/arenden/{story.case}/person", {"number": word("wrong number")}))
    _status(422, karin.post(f"/arenden/{story.case}/person", {"born": word("wrong day")}))
    _status(400, karin.post(write, {**note, "csrf_token": "old"}))
    _status(403, house.new_browser().post(write, note))
    _status(413, karin.post(write, {**note, **{f"x{n}": "1" for n in range(600)}}))
    _status(
        415,
        karin.post(
            write,
            {**note, "file": (BytesIO(b"x"), word("file name"))},
            content_type="multipart/form-data",
        ),
    )
    _status(404, karin.get(f"/arenden/{word('path')}"))
    _status(404, karin.get(f"/{word('another path')}?q={word('query')}"))
    with_headers = {"User-Agent": word("agent"), "Referer": f"http://localhost/{word('referer')}"}
    _status(200, karin.get("/", headers=with_headers))
    with patch("app.web.notes.write_note", side_effect=RuntimeError(word("fault"))):
        _status(500, karin.post(write, {**note, "described": story.young}))
    with held(house):
        _status(503, karin.post(write, {**note, "described": story.young}))


def _status(expected: int, answer: TestResponse) -> None:
    assert answer.status_code == expected, (answer.request.path, answer.status)


@contextmanager
def held(house: House):
    """Somebody else has the database."""
    url = house.opened.store.engine.url
    if url.get_backend_name() == "sqlite":
        other = sqlite3.connect(str(url.database), isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")
        other.close()
        return
    plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain) as holder:
        holder.execute("SELECT n FROM audit_head FOR UPDATE")
        yield
        holder.rollback()


def test_nothing_is_found_where_it_should_not_be(
    told: Story, canaries: Canaries, operator_log: StringIO, capfd, tmp_path: Path
) -> None:
    everything_goes_wrong(told, canaries)
    house = told.house
    assert len(canaries.names) > 40
    log = operator_log.getvalue()
    assert log.count('"event": "request"') > 50
    assert canaries.in_(log) == set()
    printed = capfd.readouterr()
    assert canaries.in_(printed.out + printed.err) == set()
    # The number of a case stands in clear, because it is what other registers call it.
    assert canaries.in_database(house.opened.store, but=CASE_NUMBER | {"police reference"}) == {}
    assert canaries.in_folder(house.folder) == {}
    for name, may in {
        "karin": CASE_NUMBER,
        "jonas": set(),
        "chef": CASE_NUMBER,
        "sara": {"police reference", "registration number"},
        "farida": set(),
    }.items():
        outside_the_page(house.as_(name), canaries, but=may)
    what_others_get(house, canaries)


def outside_the_page(browser: Browser, canaries: Canaries, *, but: set[str]) -> None:
    """What a browser keeps and passes on: addresses, titles, headers and cookies."""
    for answer in browser.answers:
        page = answer.get_data(as_text=True)
        assert canaries.in_("\n".join(titles(page)), but=but) == set(), answer.request.path
        assert canaries.in_("\n".join(_linked(page, answer))) == set(), answer.request.path
        assert canaries.in_(str(answer.headers)) == set(), answer.request.path


def _linked(page: str, answer: TestResponse) -> list[str]:
    """The addresses in a page, but for the one that was itself asked for."""
    return [one for one in addresses(page) if one != answer.request.path]


def what_others_get(house: House, canaries: Canaries) -> None:
    """Every page of everybody who is not in the case team."""
    for name, may in {
        "sara": DISCLOSED | OWN_AT_POLICE,
        "farida": set(),
        "jonas": set(),
        "chef": CASE_NUMBER | {"request reference"} | EXPORT_ORDER | READ_TO_APPROVE | ROUND,
        "ombud": EXPORT_ORDER | EXTRACT | CASE_NUMBER,
    }.items():
        pages = [answer.get_data(as_text=True) for answer in house.as_(name).answers]
        assert canaries.in_("\n".join(pages), but=may) == set(), name
    seen = "\n".join(answer.get_data(as_text=True) for answer in house.as_("sara").answers)
    assert canaries.in_(seen) >= {"disclosed title", "disclosed text", "young name"}


def test_an_export_for_a_reviewer_holds_no_text_and_no_person(
    told: Story, canaries: Canaries, tmp_path: Path
) -> None:
    house = told.house
    cookie = house.as_("chef").client.get_cookie("sluss-session")
    assert cookie is not None
    chief = recognise(cookie.value, at=house.at, store=house.opened.store)
    assert isinstance(chief, Recognised)
    files = signer_files(house.opened.config)
    exported = export_trail(
        ExportOrder(
            case_id=told.case,
            folder=tmp_path / "export",
            recipient="Granskare AB",
            purpose="Årlig granskning",
        ),
        chief.actor,
        seal=lambda: seal_log(files, at=house.at, store=house.opened.store),
        at=house.at,
        store=house.opened.store,
        rings=house.opened.rings,
        law=house.opened.law,
        log_keys=house.opened.log_keys,
    )
    assert isinstance(exported, Exported)
    assert canaries.in_folder(tmp_path / "export", but={"request reference"}) == {}


def test_a_compliance_export_holds_no_text_no_person_and_nothing_of_others(
    told: Story, canaries: Canaries, tmp_path: Path
) -> None:
    """Everything in the zip, the report before it is printed included."""
    house, files = told.house, signer_files(told.house.opened.config)
    worker = Worker(
        actor={"operator": "tester"},
        store=house.opened.store,
        rings=house.opened.rings,
        law=house.opened.law,
        tell=told_sentence,
        log_keys=house.opened.log_keys,
        state=tmp_path / "state",
        print_pdf=lambda page: page.encode(),
    )
    step: object = None
    while not isinstance(step, ExportReady):
        step = work_export(house.organisations["soc"], told.exports[0], worker, at=house.at)
        seal_log(files, at=house.at, store=house.opened.store)
    got = house.as_("chef").post(f"/exporter/{told.exports[0]}/hamta")
    assert got.status_code == 200
    assert canaries.in_(str(got.headers)) == set()
    with zipfile.ZipFile(BytesIO(got.get_data())) as archive:
        archive.extractall(tmp_path / "export")
    expected = {"request reference", "suspicion of the reviewer"} | CASE_NUMBER | EXPORT_ORDER
    assert canaries.in_folder(tmp_path / "export", but=expected) == {}
    assert canaries.in_folder(house.folder) == {}
    assert canaries.in_database(house.opened.store, but=CASE_NUMBER | {"police reference"}) == {}


class TestTheScanner:
    """It finds one leak of each kind."""

    def test_in_a_log(self, canaries: Canaries) -> None:
        word = canaries.word("text")
        assert canaries.in_(f'{{"event": "x", "fault": "{word}"}}') == {"text"}

    def test_in_a_column(self, house: House, canaries: Canaries) -> None:
        with house.opened.store.engine.begin() as connection:
            said = sqlalchemy.text("UPDATE organisation SET controller = :word")
            connection.execute(said, {"word": canaries.word("name")})
        assert canaries.in_database(house.opened.store)["organisation.controller"] == {"name"}

    @pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
    def test_in_what_was_deleted_from_the_file(self, house: House, canaries: Canaries) -> None:
        file = str(house.opened.store.engine.url.database)
        with sqlite3.connect(file) as other:
            other.execute("PRAGMA secure_delete=OFF")
            other.execute("CREATE TABLE once (word TEXT)")
            other.execute("INSERT INTO once VALUES (?)", (canaries.word("draft"),))
            other.execute("DELETE FROM once")
        other.close()
        found = canaries.in_database(house.opened.store)
        assert any("draft" in words for words in found.values())

    def test_in_a_file_and_in_its_name(self, canaries: Canaries, tmp_path: Path) -> None:
        (tmp_path / canaries.word("name")).write_text("")
        (tmp_path / "draft").write_bytes(b"\x00" + canaries.word("text").encode() + b"\x00")
        assert canaries.in_folder(tmp_path) == {
            canaries.word("name"): {"name"},
            "draft": {"text"},
        }

    def test_in_any_way_of_writing_a_number(self, canaries: Canaries) -> None:
        canaries.plant_number("number", "20090504-2384")
        for written in ("20090504-2384", "200905042384", "090504-2384", "0905042384"):
            assert canaries.in_(f"om {written}, som") == {"number"}

    def test_in_titles_and_addresses(self, canaries: Canaries) -> None:
        word = canaries.word("name")
        page = f'<title>{word}</title><a href="/x?q={word}">'
        assert canaries.in_("".join(titles(page))) == {"name"}
        assert canaries.in_("".join(addresses(page))) == {"name"}
