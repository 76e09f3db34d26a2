"""What every answer says about itself, and what the operator's log may hold."""

from __future__ import annotations

import json
import logging
from io import StringIO

import pytest
import structlog
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from app.web.headers import CONTENT_SECURITY_POLICY
from app.web.operational_log import LOGGED_KEYS, only_ids_and_outcomes
from tests.web.stand_in import a_site, an_app

PATHS = ["/", "/logga-in", "/finns-inte", "/oppen/fel", "/static/sluss.css", "/sprak/en"]


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_carries_the_headers(client: FlaskClient, path: str) -> None:
    with client.get(path) as answer:
        headers = answer.headers
    assert headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]
    assert headers["Cache-Control"] == "no-store"


def test_the_policy_allows_no_inline_script_or_style() -> None:
    assert "unsafe" not in CONTENT_SECURITY_POLICY
    assert CONTENT_SECURITY_POLICY.startswith("default-src 'none'; script-src 'self';")


def test_only_vendored_files_may_be_kept_by_the_browser(client: FlaskClient) -> None:
    with client.get("/static/vendor/designsystemet-css-1.22.0/theme.css") as theme:
        assert theme.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    missing = client.get("/static/vendor/designsystemet-css-1.22.0/nothing.css")
    assert missing.headers["Cache-Control"] == "no-store"


def test_transport_security_is_asked_for_only_over_tls(client: FlaskClient) -> None:
    site, _, _ = a_site(secure=True)
    secure = an_app(site, "").test_client().get("/logga-in", base_url="https://localhost")
    assert secure.headers["Strict-Transport-Security"].startswith("max-age=63072000")
    assert "Strict-Transport-Security" not in client.get("/logga-in").headers


@pytest.mark.parametrize(
    "host", ["elak.example", "localhost.elak.example", "", "localhost@elak.example"]
)
def test_a_foreign_host_name_gets_no_page(client: FlaskClient, host: str) -> None:
    answer = client.get("/logga-in", headers={"Host": host})
    assert answer.status_code == 400
    assert answer.mimetype == "text/plain"
    assert b"elak" not in answer.data


def test_a_port_beside_our_own_host_name_is_fine(client: FlaskClient) -> None:
    assert client.get("/logga-in", headers={"Host": "LOCALHOST:8000"}).status_code == 200


def test_the_request_log_has_the_route_and_never_the_query(
    client: FlaskClient, operator_log: StringIO
) -> None:
    client.get("/logga-in?namn=HEMLIG")
    client.get("/prov/HEMLIG")
    lines = [json.loads(line) for line in operator_log.getvalue().splitlines()]
    assert [line["route"] for line in lines] == ["/logga-in", "/prov/<kind>"]
    assert "HEMLIG" not in operator_log.getvalue()
    assert {"duration_ms", "request_id", "status", "method"} <= lines[0].keys()


def test_other_libraries_lines_lose_their_arguments(operator_log: StringIO) -> None:
    logging.getLogger("någon").warning("could not read %s", "HEMLIG")
    logging.getLogger("någon").warning("HEMLIG utan argument")
    try:
        raise ValueError("HEMLIG")
    except ValueError:
        logging.getLogger("någon").exception("failed for %s", "HEMLIG")
    assert "HEMLIG" not in operator_log.getvalue()
    lines = [json.loads(line) for line in operator_log.getvalue().splitlines()]
    assert [line["fault"] for line in lines] == [None, None, "ValueError"]


def test_an_unlisted_key_never_reaches_the_log(operator_log: StringIO) -> None:
    structlog.get_logger().info("case_opened", title="HEMLIG", staff_id="karin")
    assert json.loads(operator_log.getvalue()).keys() == {"event", "level", "timestamp", "staff_id"}


@given(
    st.dictionaries(
        st.sampled_from(sorted(LOGGED_KEYS - {"template"})) | st.text(max_size=8),
        st.text() | st.integers() | st.none() | st.lists(st.text(), max_size=3),
        max_size=6,
    )
)
def test_what_is_logged_is_only_listed_keys_and_plain_tokens(fields: dict[str, object]) -> None:
    kept = only_ids_and_outcomes(None, "info", dict(fields))
    assert kept.keys() <= LOGGED_KEYS
    for value in kept.values():
        for part in value if isinstance(value, list) else [value]:
            assert not isinstance(part, str) or (part.isascii() and " " not in part)


def test_every_verdict_of_the_law_has_its_colour_and_icon() -> None:
    from policies.words import WORDS

    site, _, _ = a_site()
    app = an_app(site, "")
    show = app.jinja_env.get_template("macros/show.html").module
    verdicts = {"must", "may", "stop", "none"} | {
        code for code in WORDS["sv"] if code.startswith("needs_")
    }
    assert verdicts == show.verdict_colors.keys()  # type: ignore[attr-defined]
    assert set(show.verdict_colors.values()) == show.verdict_icons.keys()  # type: ignore[attr-defined]
    green = {code for code, color in show.verdict_colors.items() if color == "success"}  # type: ignore[attr-defined]
    assert green == {"must", "may"}
