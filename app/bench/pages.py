"""A page with two hundred notes, asked for over HTTP, against its template with canned data.

The first arm is everything a request does: session, log entry flushed to disk, decryption, page.
The second renders the same template with the very values that the first one handed it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

from flask import Flask, g, render_template
from flask.testing import FlaskClient

from app.bench.bench_house import PASSWORD, USERNAME, BenchFault, BenchHouse
from app.bench.figure import Figure, compare
from app.main import web_application
from app.records.counted_statements import counted_statements
from app.web import page

NOTES, FEW = 200, 20
MOST_READS = 9
_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')

Show = Callable[[str, tuple[str, ...]], None]


def measure(_server: str | None) -> Iterator[Figure]:
    """For the case page and the opened case: the ratio, and the queries of the flow."""
    with TemporaryDirectory() as name, BenchHouse(Path(name) / "house") as house:
        app = web_application(house.house)
        client, token = signed_in(app)
        many, few = house.case_with_notes(NOTES), house.case_with_notes(FEW)

        def case_page(case: str, _: tuple[str, ...]) -> None:
            shown(client.get(f"/arenden/{case}"))

        def opened(case: str, notes: tuple[str, ...]) -> None:
            form = {"csrf_token": token, "note": list(notes)}
            shown(client.post(f"/arenden/{case}/las", data=form))

        shows: tuple[tuple[str, Show], ...] = (
            ("case-page-200", case_page),
            ("opened-case-200", opened),
        )
        for figure, show in shows:
            yield _ratio(app, figure, show, many)
            yield _reads(house, figure, show, few, many)


def _ratio(app: Flask, name: str, show: Show, many: tuple[str, tuple[str, ...]]) -> Figure:
    canned: list[tuple[str, dict[str, Any], dict[str, Any]]] = []

    def record(template: str, **values: Any) -> str:
        canned.append((template, values, {"visitor": g.get("visitor")}))
        return render_template(template, **values)

    with patch.object(page, "render_template", record):
        show(*many)
    template, values, held = canned[-1]
    with app.test_request_context(f"/arenden/{many[0]}"):
        g.visitor = held["visitor"]
        found = compare(
            lambda: show(*many), lambda: render_template(template, **values), rounds=15, calls=2
        )
    return Figure(
        name=name,
        value=found.ratio,
        unit="x the template with canned data",
        target=3.0,
        note=f"{found.first * 1e3:.1f} ms against {found.second * 1e3:.1f} ms",
    )


def _reads(
    house: BenchHouse,
    name: str,
    show: Show,
    few: tuple[str, tuple[str, ...]],
    many: tuple[str, tuple[str, ...]],
) -> Figure:
    with counted_statements(house.store) as small:
        show(*few)
    with counted_statements(house.store) as large:
        show(*many)
    if len(small.queries) != len(large.queries):
        raise BenchFault(f"{name}: the number of queries grows with the number of notes")
    return Figure(
        name=f"{name}-queries",
        value=len(large.queries),
        unit="queries in the whole request",
        target=MOST_READS,
        note=f"the same with {FEW} notes; {len(large.writes)} statements more enter it in the log",
    )


def signed_in(app: Flask) -> tuple[FlaskClient, str]:
    """A browser signed in as the bench's case worker, and its form token."""
    client = app.test_client()
    form = client.get("/logga-in").text
    answer = client.post(
        "/logga-in",
        data={"csrf_token": _token(form), "user_name": USERNAME, "password": PASSWORD},
    )
    if answer.status_code != 303:
        raise BenchFault(f"the bench could not sign in: {answer.status}")
    return client, _token(client.get("/").text)


def _token(html: str) -> str:
    found = _TOKEN.search(html)
    if found is None:
        raise BenchFault("the page has no form token")
    return found.group(1)


def shown(answer: Any) -> None:
    """Raises BenchFault unless the page came."""
    if answer.status_code != 200:
        raise BenchFault(f"the page was not shown: {answer.status}")
