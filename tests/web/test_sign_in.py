"""Signing in and out through the pages."""

from __future__ import annotations

from flask.testing import FlaskClient

from tests.web.stand_in import PASSWORD, StandInDoor, a_site, an_app


def text(answer) -> str:  # type: ignore[no-untyped-def]
    return answer.get_data(as_text=True)


def session_cookie(client: FlaskClient) -> str | None:
    found = client.get_cookie("sluss-session")
    return found.value if found else None


def test_a_page_is_shut_to_one_who_has_not_signed_in(client: FlaskClient) -> None:
    answer = client.get("/")
    assert (answer.status_code, answer.location) == (303, "/logga-in")


def test_the_right_name_and_password_open_the_start_page(karin: FlaskClient) -> None:
    page = text(karin.get("/prov/delar"))
    assert "Karin Holm · Individ- och familjeomsorgen, Sunne" in page


def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(send) -> None:  # type: ignore[no-untyped-def]
    wrong = send("/logga-in", user_name="karin", password="fel lösenord")
    unknown = send("/logga-in", user_name="karim", password="fel lösenord")
    assert wrong.status_code == unknown.status_code == 422
    forget_once = [
        [line for line in text(answer).splitlines() if 'name="once"' not in line]
        for answer in (wrong, unknown)
    ]
    assert [line.replace("karim", "karin") for line in forget_once[1]] == forget_once[0]


def test_a_password_is_never_in_an_answer(send) -> None:  # type: ignore[no-untyped-def]
    assert "fel lösenord" not in text(send("/logga-in", user_name="karin", password="fel lösenord"))


def test_empty_fields_are_named_with_links_to_them(send) -> None:  # type: ignore[no-untyped-def]
    answer = send("/logga-in", user_name="", password="")
    assert answer.status_code == 422
    assert '<a class="ds-link" href="#user_name">Skriv ditt användarnamn.</a>' in text(answer)
    assert '<a class="ds-link" href="#password">Skriv ditt lösenord.</a>' in text(answer)


def test_a_throttled_account_is_told_when_it_opens(send, door: StandInDoor) -> None:  # type: ignore[no-untyped-def]
    door.throttled = True
    answer = send("/logga-in", user_name="karin", password=PASSWORD)
    assert answer.status_code == 429
    assert (
        'Det öppnas igen <time datetime="2026-11-23T12:45:00+00:00">2026-11-23 13:45</time>.'
        in text(answer)
    )


def test_signing_in_gives_a_cookie_that_scripts_cannot_read(send) -> None:  # type: ignore[no-untyped-def]
    answer = send("/logga-in", user_name="karin", password=PASSWORD)
    cookie = next(c for c in answer.headers.getlist("Set-Cookie") if "sluss-session=" in c)
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/" in cookie


def test_over_tls_the_cookie_is_bound_to_host_and_transport() -> None:
    site, _, _ = a_site(secure=True)
    client = an_app(site, "").test_client()
    cookie = client.get("/logga-in", base_url="https://localhost").headers["Set-Cookie"]
    assert cookie.startswith("__Host-sluss-visit=")
    assert "Secure" in cookie
    assert "Domain" not in cookie


def test_the_old_cookie_opens_nothing_after_signing_out(karin: FlaskClient, send) -> None:  # type: ignore[no-untyped-def]
    old = session_cookie(karin)
    assert old is not None
    left = send("/logga-ut", page="/prov/delar")
    assert (left.status_code, left.location) == (303, "/logga-in")
    karin.set_cookie("sluss-session", old)
    assert karin.get("/").location == "/logga-in"


def test_signing_out_is_told_once(karin: FlaskClient, send) -> None:  # type: ignore[no-untyped-def]
    send("/logga-ut", page="/prov/delar")
    assert "Du har loggat ut." in text(karin.get("/logga-in"))
    assert "Du har loggat ut." not in text(karin.get("/logga-in"))


def test_signing_out_by_a_link_does_nothing(karin: FlaskClient) -> None:
    assert karin.get("/logga-ut").status_code == 404
    assert karin.get("/prov/delar").status_code == 200


def test_signing_in_with_two_organisations_asks_which(client: FlaskClient, send) -> None:  # type: ignore[no-untyped-def]
    send("/logga-in", user_name="per", password=PASSWORD)
    assert client.get("/").location == "/valj-organisation"
    page = text(client.get("/valj-organisation"))
    assert page.count('type="radio"') == 2
    assert " checked" not in page


def test_choosing_an_organisation_gives_a_new_session(client: FlaskClient, send) -> None:  # type: ignore[no-untyped-def]
    send("/logga-in", user_name="per", password=PASSWORD)
    before = session_cookie(client)
    assert send("/valj-organisation", organisation="torsby").location == "/"
    assert session_cookie(client) not in (None, before)
    assert client.get("/prov/delar").status_code == 200


def test_an_organisation_that_is_not_ones_own_cannot_be_chosen(client: FlaskClient, send) -> None:  # type: ignore[no-untyped-def]
    send("/logga-in", user_name="per", password=PASSWORD)
    answer = send("/valj-organisation", organisation="polisen")
    assert answer.status_code == 422
    assert client.get("/").location == "/valj-organisation"


def test_choosing_none_is_told_beside_the_choices(client: FlaskClient, send) -> None:  # type: ignore[no-untyped-def]
    send("/logga-in", user_name="per", password=PASSWORD)
    answer = send("/valj-organisation")
    assert answer.status_code == 422
    assert "Välj vilken organisation du arbetar för nu." in text(answer)


def test_one_without_a_role_is_told_whom_to_ask(client: FlaskClient, send) -> None:  # type: ignore[no-untyped-def]
    send("/logga-in", user_name="nils", password=PASSWORD)
    assert "Du har ingen roll i någon organisation i dag." in text(client.get("/valj-organisation"))


def test_one_already_inside_is_led_to_the_start_page(karin: FlaskClient) -> None:
    assert karin.get("/logga-in").location == "/"


def test_the_browser_is_remembered_apart_from_the_session(send, client: FlaskClient) -> None:  # type: ignore[no-untyped-def]
    answer = send("/logga-in", user_name="karin", password=PASSWORD)
    cookie = next(c for c in answer.headers.getlist("Set-Cookie") if "sluss-device=" in c)
    assert "Max-Age=15552000" in cookie
    assert "HttpOnly" in cookie
    send("/logga-ut", page="/prov/delar")
    assert client.get_cookie("sluss-device") is not None
