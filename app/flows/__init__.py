"""What people do: one verb phrase, one file, one transaction. Read disclose_note.py first.

Everything comes in by argument. Every way out leaves one entry in the same transaction, refusals
and not-founds included. A refusal is a value; an exception is a fault.
"""
