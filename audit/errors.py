"""The faults of the audit package.

A refusal is a value (see `signer.Refused`, `check.NotChecked`, `verify.Finding`). What is here is
raised only when a caller, a file or a store is not what it must be. No message holds the content
of an event: indices, field names and file names only.
"""

from __future__ import annotations


class AuditFault(Exception):
    """Anything the audit package cannot go on from."""


class CanonicalError(AuditFault, ValueError):
    """A value or a byte string is outside the canonical JSON of docs/formats/audit-entry.md."""


class EntryError(AuditFault, ValueError):
    """An event or an entry lacks, or wrongly fills, a field."""


class TreeError(AuditFault, ValueError):
    """A size, an index or a set of stored nodes cannot belong to one Merkle tree."""


class NoteError(AuditFault, ValueError):
    """A signed note or checkpoint is malformed, unsigned by any known key, or badly signed."""


class UnknownSigner(NoteError):
    """A sound note, but none of the keys given has signed it."""


class KeyFileError(AuditFault):
    """A key or key file is missing, malformed or readable by others; the message names the path."""


class ExportError(AuditFault):
    """An export cannot be written where or as it was asked for."""


class ShownChanged(ExportError):
    """What can be shown is not what was vouched for; it must be vouched for anew."""


class CannotRead(AuditFault):
    """The verifier cannot read what it was given; that is neither verified nor tampered."""
