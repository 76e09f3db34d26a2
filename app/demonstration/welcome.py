"""What is printed when the demonstration starts: where it is, and as whom to sign in."""

from __future__ import annotations

from collections.abc import Iterator

from app.demonstration.organisations import ORGANISATIONS
from app.demonstration.staff import PASSWORD, STAFF, Employee

_BEGIN_WITH = ("karin", "sara", "birgitta")


def welcome(port: int) -> Iterator[str]:
    """The lines to print."""
    widths = tuple(max(len(_row(one)[column]) for one in STAFF) for column in range(4))
    yield ""
    yield f"Sluss answers on http://127.0.0.1:{port}/"
    yield f"Everybody's password is: {PASSWORD}"
    yield ""
    yield "Sign in by user name; begin with those marked *."
    for organisation in ORGANISATIONS:
        yield ""
        yield f"  {organisation.name}"
        for one in STAFF:
            if one.organisations[0] == organisation.id:
                mark = "*" if one.username in _BEGIN_WITH else " "
                cells = zip(_row(one), widths, strict=True)
                yield f"  {mark} {'  '.join(c.ljust(width) for c, width in cells).rstrip()}"
    yield ""
    yield "Nobody in this world exists. Stop with Ctrl-C; the same world is there the next time."


def _row(employee: Employee) -> tuple[str, str, str, str]:
    role = employee.role.replace("_", " ")
    others = len(employee.organisations) - 1
    return (
        employee.username,
        employee.name,
        employee.title,
        f"{role}, also in {others} more" if others else role,
    )
