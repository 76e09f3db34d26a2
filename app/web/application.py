"""The web application, put together from what it is handed.

Every page is closed to those who have not signed in, unless its view says `open_to_all`.
"""

from __future__ import annotations

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from app.web import (
    approvals,
    cases,
    certificates,
    consents,
    csrf,
    delegations,
    disclosures,
    emergency,
    errors,
    exports,
    extracts,
    forms,
    headers,
    inbox,
    language,
    law_shut,
    letters,
    matrix,
    notes,
    open_question,
    operational_log,
    pace,
    packs,
    page,
    password,
    protection,
    registers,
    relations,
    rounds,
    rules,
    sign_in,
    signals,
    team,
    texts,
    trail,
    training,
    visitor,
)
from app.web.site import Site

LARGEST_BODY_BYTES = 4 * 1024 * 1024
"""Far above any note, so that an over-long text is answered with its own form and not with 413."""


_FOR_REVIEW = (
    rounds.pages,
    signals.pages,
    trail.pages,
    exports.pages,
    extracts.pages,
    registers.pages,
)
_OF_THE_LAW = (
    open_question.pages,
    rules.pages,
    matrix.pages,
    training.pages,
    certificates.pages,
    packs.pages,
)
_ALL = (
    sign_in.pages,
    cases.pages,
    notes.pages,
    consents.pages,
    disclosures.pages,
    letters.pages,
    protection.pages,
    approvals.pages,
    delegations.pages,
    inbox.pages,
    emergency.pages,
    team.pages,
    texts.pages,
    relations.pages,
    password.pages,
    *_FOR_REVIEW,
    *_OF_THE_LAW,
    language.pages,
)
"""Every part of the site."""


def create_app(site: Site) -> Flask:
    """A WSGI application over `site`. Compiles stale translations; see `language.install`."""
    settings = site.settings
    app = Flask("app.web")
    app.extensions["sluss"] = site
    app.config.update(
        SECRET_KEY=settings.form_secret,
        SLUSS_SECURE=settings.secure,
        MAX_CONTENT_LENGTH=LARGEST_BODY_BYTES,
        MAX_FORM_MEMORY_SIZE=LARGEST_BODY_BYTES,
        WTF_CSRF_TIME_LIMIT=None,
    )
    app.session_interface = csrf.BoundSessions(settings.form_secret)
    if settings.proxy_hops:
        hops = settings.proxy_hops
        proxied = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)
        app.wsgi_app = proxied  # type: ignore[method-assign]
    # The order is the order of the checks: the request gets its id, the host is ours, the body is
    # a form of sane size, the visitor is known and asks no faster than a person, the form is bound
    # to the visitor's session.
    operational_log.watch_requests(app)
    headers.guard(app, hosts=settings.hosts, secure=settings.secure)
    forms.guard(app)
    language.install(app)
    visitor.install(app)
    pace.install(app)
    csrf.protect_forms(app)
    law_shut.install(app)
    errors.install(app)
    page.install(app)
    for pages in _ALL:
        app.register_blueprint(pages)
    return app
