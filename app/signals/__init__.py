"""What in a log of accesses somebody should look at, and why, in one sentence each.

Pure: accesses and what is known of people go in, signals come out. No clock, database or network.
Two organisations are never compared: what goes in is one organisation's own.
"""

from app.signals.access import Access, Known, Signal
from app.signals.detect import DETECTORS, detect

__all__ = ["DETECTORS", "Access", "Known", "Signal", "detect"]
