"""The child process of `pdf.make_pdf`: HTML on standard input, PDF on standard output."""

from __future__ import annotations

import logging
import resource
import sys

NO_LIBRARIES = 3
_MEGABYTE = 1024 * 1024


def main(megabytes: int, seconds: int) -> int:
    """Print one page. Returns the exit code."""
    resource.setrlimit(resource.RLIMIT_AS, (megabytes * _MEGABYTE, megabytes * _MEGABYTE))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_FSIZE, (64 * _MEGABYTE, 64 * _MEGABYTE))
    # What WeasyPrint has to say could quote the page.
    logging.disable(logging.CRITICAL)
    try:
        import weasyprint
    except (ImportError, OSError):
        return NO_LIBRARIES
    fetcher = weasyprint.URLFetcher(allowed_protocols=["data"])
    page = weasyprint.HTML(string=sys.stdin.buffer.read().decode(), url_fetcher=fetcher)
    printed = page.write_pdf(pdf_variant="pdf/ua-1")
    sys.stdout.buffer.write(printed or b"")
    return 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2])))
