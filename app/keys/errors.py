"""What can be wrong with keys and seals, each fault with its own sentence.

All are faults, never refusals: nobody in the service can answer for a broken seal or a lost
root key by pressing a button. Start-up prints `RootKeyFault` and stops; no message carries key
bytes or text. `TooLong` is the one refusal, and so a value: ask `too_long` (in `padding`) before
sealing what a person wrote.
"""

from __future__ import annotations

from dataclasses import dataclass


class KeyFault(Exception):
    """Anything wrong with a key or a seal."""


class RootKeyFault(KeyFault):
    """The root key file cannot be used; the message names the path, the key id and what to do."""


class RootKeyMissing(RootKeyFault):
    """No file at the path."""


class RootKeyExists(RootKeyFault):
    """A key was to be created where something already is; nothing was overwritten."""


class RootKeyExposed(RootKeyFault):
    """The file can be read or written by others than its owner."""


class RootKeyUnreadable(RootKeyFault):
    """The file is there and cannot be read, or cannot be made."""


class RootKeyCorrupt(RootKeyFault):
    """The file is cut short, altered or of an unknown version."""


class RootKeyPurpose(RootKeyFault):
    """The key was made for the other purpose."""


class RootKeyWrong(RootKeyFault):
    """A whole and valid key, but not the one that the stored rings are sealed under."""


class RingOfAnotherRoot(KeyFault):
    """A ring is sealed under another root key than the one that was loaded."""


class SealBroken(KeyFault):
    """A sealed value did not open.

    One fault and one sentence for every cause (altered, moved, wrong key, cut short), because
    telling the causes apart would tell an attacker which guess came closest.
    """

    def __init__(self, what: str) -> None:
        super().__init__(
            f"{what} did not open: it was altered, moved from its place, or sealed under another"
            " key; nothing of it is shown. Compare the row with the log, and restore it from a"
            " backup"
        )


class TextTooLong(KeyFault, ValueError):
    """Sealing was asked for more than the limit; `too_long` would have said so as a value."""


@dataclass(frozen=True, slots=True)
class TooLong:
    """A text that is too long to be sealed. Lengths in bytes of UTF-8."""

    part: str
    length: int
    limit: int

    def __str__(self) -> str:
        """The sentence for the log of the operator; pages have their own words."""
        return (
            f"the {self.part} is {self.length} bytes and at most {self.limit} can be sealed;"
            " shorten it or split it into several notes"
        )
