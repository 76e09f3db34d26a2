"""What every answer says about itself, and which requests are not answered at all."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask, Response, abort, request

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
_SENT = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # `no-referrer` would break every form: Flask-WTF asks for a same-host Referer under TLS.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": (
        "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Robots-Tag": "noindex, nofollow",
}
_VENDORED = "/static/vendor/"


def guard(app: Flask, *, hosts: tuple[str, ...], secure: bool) -> None:
    """Refuses foreign hosts and foreign senders, and puts the headers on every answer."""

    @app.before_request
    def only_our_hosts() -> Response | None:
        name = request.environ.get("HTTP_HOST", "").rpartition("@")[2]
        if name.rsplit(":", 1)[0].lower() in hosts:
            return None
        # No template and no link here: both would be built from the host name just refused.
        return Response(
            "Fel värdnamn. Öppna Sluss på den adress du har fått.\n"
            "Wrong host name. Open Sluss at the address you were given.\n",
            status=400,
            content_type="text/plain; charset=utf-8",
        )

    @app.before_request
    def only_our_own_forms() -> None:
        # Beside the token: a form posted from another site is refused before anything is read.
        if request.method in ("GET", "HEAD", "OPTIONS"):
            return
        if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
            abort(400)
        origin = request.headers.get("Origin")
        if origin is not None and urlsplit(origin).netloc != request.host:
            abort(400)

    @app.after_request
    def describe(response: Response) -> Response:
        response.headers.update(_SENT)
        if secure:
            response.headers["Strict-Transport-Security"] = "max-age=63072000; includeSubDomains"
        if request.path.startswith(_VENDORED) and response.status_code == 200:
            # The version is in the path, so what is there never changes.
            response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        else:
            response.headers["Cache-Control"] = "no-store"
        return response
