"""HTML to a tagged PDF (PDF/UA-1), in a process of its own with limits on time and memory.

WeasyPrint reads local files that a page names, unless told not to; here it fetches nothing but
what the page itself carries as `data:`. It is imported in the child alone, so that Sluss runs
where its system libraries are missing, and says which they are when a report is asked for.
"""

from __future__ import annotations

import subprocess
import sys
from typing import Final

SECONDS: Final = 120
MEGABYTES: Final = 1024
LARGEST_PAGE: Final = 8 * 1024 * 1024
"""Bytes of HTML: about a thousand rows. What is longer goes out as tables."""
NO_LIBRARIES: Final = 3
PACKAGES: Final = "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-dejavu-core"


class ReportFault(Exception):
    """A report could not be made. The message says what to do, and holds nothing of the report."""


def make_pdf(html: str, *, seconds: int = SECONDS, megabytes: int = MEGABYTES) -> bytes:
    """The page as PDF. The same page gives the same bytes. Raises ReportFault."""
    page = html.encode()
    if len(page) > LARGEST_PAGE:
        raise ReportFault("the report is too long for a PDF; order a shorter period")
    command = [sys.executable, "-m", "app.reports.print_page", str(megabytes), str(seconds)]
    try:
        done = subprocess.run(  # noqa: S603 - our own command
            command,
            input=page,
            capture_output=True,
            timeout=seconds,
            check=False,
            # Nothing of the service's environment goes along; the date makes the bytes repeatable.
            env={"SOURCE_DATE_EPOCH": "0", "PYTHONPATH": ":".join(sys.path), "LC_ALL": "C.UTF-8"},
        )
    except subprocess.TimeoutExpired:
        raise ReportFault(f"the report was not ready in {seconds} seconds") from None
    if done.returncode == NO_LIBRARIES:
        raise ReportFault(
            "reports need system libraries that are missing here; on Debian: "
            f"apt-get install {PACKAGES}"
        )
    if done.returncode != 0 or not done.stdout.startswith(b"%PDF"):
        raise ReportFault(
            f"the report could not be made within {megabytes} MB and {seconds} seconds"
        )
    return done.stdout
