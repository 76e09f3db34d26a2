"""Every change needs its form's token, and no fault costs anybody what they typed."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from flask.testing import FlaskClient

from tests.web.stand_in import PASSWORD, StandInDoor

LONG = "Den unge berättade om kontakten med äldre kamrater vid resecentrum."


def text(answer) -> str:  # type: ignore[no-untyped-def]
    return answer.get_data(as_text=True)


@pytest.mark.parametrize("path", ["/logga-in", "/logga-ut", "/prov/formular"])
def test_a_change_without_token_does_nothing(karin: FlaskClient, path: str) -> None:
    answer = karin.post(path, data={"text": LONG, "user_name": "karin", "password": PASSWORD})
    assert answer.status_code == 400
    assert karin.get("/prov/delar").status_code == 200


def test_a_token_of_another_session_does_nothing(
    karin: FlaskClient, send, door: StandInDoor
) -> None:  # type: ignore[no-untyped-def]
    page = text(karin.get("/prov/formular"))
    stale = page.split('name="csrf_token" value="')[1].split('"')[0]
    karin.set_cookie("sluss-session", door.let_in("karin", None).session_token)
    door.sessions[karin.get_cookie("sluss-session").value] = next(iter(door.sessions.values()))  # type: ignore[union-attr]
    answer = karin.post("/prov/formular", data={"csrf_token": stale, "text": LONG})
    assert answer.status_code == 400
    assert "sparat:" not in text(answer)


def test_an_old_page_gives_back_what_was_typed(karin: FlaskClient) -> None:
    answer = karin.post("/prov/formular", data={"csrf_token": "gammal", "text": LONG})
    assert answer.status_code == 400
    assert "Sidan hade blivit för gammal" in text(answer)
    assert LONG in text(answer)
    assert 'name="resume" value="1"' in text(answer)


def test_a_form_from_another_site_is_refused_before_it_is_read(karin: FlaskClient, send) -> None:  # type: ignore[no-untyped-def]
    for header in ({"Origin": "https://elak.example"}, {"Sec-Fetch-Site": "cross-site"}):
        answer = karin.post("/prov/formular", data={"text": LONG}, headers=header)
        assert answer.status_code == 400
        assert LONG not in text(answer)


def test_resuming_shows_the_form_filled_in_and_saves_nothing(send) -> None:  # type: ignore[no-untyped-def]
    send("/logga-in", user_name="karin", password=PASSWORD)
    answer = send("/prov/formular", text=LONG, resume="1")
    assert answer.status_code == 200
    assert f"{LONG}</textarea>" in text(answer)


def test_a_form_sent_after_a_time_out_survives_signing_in(
    karin: FlaskClient, send, door: StandInDoor
) -> None:  # type: ignore[no-untyped-def]
    door.sessions.clear()
    out = karin.post("/prov/formular", data={"text": LONG, "once": "x"})
    assert out.status_code == 403
    assert "sparat:" not in text(out)
    assert LONG in text(out)
    page = text(out)
    token = page.split('name="csrf_token" value="')[1].split('"')[0]
    carried = {"kept_path": "/prov/formular", "kept:text": LONG}
    assert all(f'name="{name}" value="{value}"' in page for name, value in carried.items())
    back = karin.post(
        "/logga-in",
        data={"csrf_token": token, "user_name": "karin", "password": PASSWORD, **carried},
    )
    assert back.status_code == 200
    fresh = text(back).split('action="/prov/formular"')[1].split('value="')[1].split('"')[0]
    form = karin.post("/prov/formular", data={"csrf_token": fresh, "text": LONG, "resume": "1"})
    assert f"{LONG}</textarea>" in text(form)


@pytest.mark.parametrize("path", ["https://elak.example/", "//elak.example", "/\\elak.example", ""])
def test_a_kept_form_leads_nowhere_but_here(send, path: str) -> None:  # type: ignore[no-untyped-def]
    answer = send("/logga-in", user_name="karin", password=PASSWORD, kept_path=path)
    assert answer.status_code == 303
    assert answer.location == "/"


@pytest.mark.parametrize(
    ("kind", "status"), [("upptagen", 503), ("full", 503), ("trasig", 503), ("fel", 500)]
)
def test_a_fault_keeps_what_was_typed_and_offers_a_way_on(
    karin: FlaskClient, send, shell, kind: str, status: int
) -> None:  # type: ignore[no-untyped-def]
    answer = send(f"/prov/{kind}", page="/prov/formular", text=LONG)
    assert answer.status_code == status
    assert f"{LONG}</textarea>" in text(answer)
    assert "Tillbaka till formuläret" in text(answer)
    assert ("Försök igen</button>" in text(answer)) == (status == 503)
    assert [fault.kind for fault in shell[2]] == [
        {
            "upptagen": "StoreBusy",
            "full": "StoreFull",
            "trasig": "StoreFault",
            "fel": "RuntimeError",
        }[kind]
    ]


def test_a_fault_tells_its_number_and_nothing_of_what_went_wrong(
    karin: FlaskClient, shell, operator_log: StringIO
) -> None:  # type: ignore[no-untyped-def]
    answer = karin.get("/prov/fel")
    fault = shell[2][0]
    assert fault.id in text(answer)
    assert (fault.route, fault.staff_id, fault.organisation_id) == (
        "/prov/<kind>",
        "karin",
        "sunne",
    )
    for leak in ("HEMLIG", "RuntimeError", "Traceback", "raise "):
        assert leak not in text(answer)
    assert "HEMLIG" not in operator_log.getvalue()


def test_a_fault_that_cannot_be_recorded_still_gets_its_page(
    karin: FlaskClient, shell, operator_log: StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:  # type: ignore[no-untyped-def]
    def no_log(_fault: object) -> None:
        raise OSError("disken är full av HEMLIG TEXT")

    object.__setattr__(shell[0], "record_fault", no_log)
    assert karin.get("/prov/fel").status_code == 500
    lines = [json.loads(line) for line in operator_log.getvalue().splitlines()]
    assert [line["fault"] for line in lines if line["event"] == "fault_not_recorded"] == ["OSError"]
    assert "HEMLIG" not in operator_log.getvalue()


def test_a_fault_before_sign_in_gets_a_page_too(client: FlaskClient) -> None:
    assert client.get("/oppen/fel").status_code == 500


def test_what_does_not_exist_and_what_is_not_for_you_are_the_same_bytes(karin: FlaskClient) -> None:
    unknown, not_yours = karin.get("/prov-finns-inte"), karin.get("/prov/finns-inte")
    wrong_method = karin.get("/logga-ut")
    assert unknown.status_code == not_yours.status_code == wrong_method.status_code == 404
    assert unknown.get_data() == not_yours.get_data() == wrong_method.get_data()
    headers = [
        {name: value for name, value in answer.headers if name != "Allow"}
        for answer in (unknown, not_yours, wrong_method)
    ]
    assert headers[0] == headers[1] == headers[2]


def test_unreadable_rules_are_told_as_such(karin: FlaskClient) -> None:
    answer = karin.get("/prov/regler")
    assert answer.status_code == 503
    assert "Just nu kan ingenting lämnas ut ur Sluss" in text(answer)


def test_a_body_above_the_limit_is_refused(karin: FlaskClient) -> None:
    answer = karin.post("/prov/formular", data={"text": "x" * (5 * 1024 * 1024)})
    assert answer.status_code == 413
    assert "Ingenting har sparats." in text(answer)


def test_a_form_with_too_many_fields_is_refused(karin: FlaskClient) -> None:
    answer = karin.post(
        "/prov/formular",
        data="&".join(f"f{n}=1" for n in range(501)),
        content_type="application/x-www-form-urlencoded",
    )
    assert answer.status_code == 413


@pytest.mark.parametrize(
    "kind", ["multipart/form-data; boundary=x", "text/plain", "application/json"]
)
def test_only_plain_forms_are_read(karin: FlaskClient, kind: str) -> None:
    assert karin.post("/prov/formular", data=b"text=x", content_type=kind).status_code == 415
