"""Where in a configuration each setting stands, so that a person can find what is wrong."""

from __future__ import annotations

import re


class Lines:
    """Line numbers of sections and settings, from the text; enough for a flat file like ours."""

    def __init__(self, text: str) -> None:
        self._found: dict[tuple[str | None, str | None], int] = {}
        section: str | None = None
        for number, line in enumerate(text.splitlines(), start=1):
            if head := re.match(r"\s*\[+\s*([\w.\-]+)\s*\]", line):
                section = head.group(1)
                self._found.setdefault((section, None), number)
            elif setting := re.match(r"\s*\"?([\w.\-]+)\"?\s*=", line):
                self._found.setdefault((section, setting.group(1)), number)

    def of(self, section: str | None, key: str | None) -> int | None:
        """Line (from 1) of a setting, or of a section's head when the key is None."""
        return self._found.get((section, key))
