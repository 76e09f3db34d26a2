"""What holds a key or a clear text must not show it by accident.

A `repr` ends up in tracebacks and logs, a pickle in caches and queues. Python cannot promise that
a key leaves memory, but it can be kept from leaving the process by mistake.
"""

from __future__ import annotations

from typing import NoReturn, SupportsIndex


class Secret:
    """Shows its class and, at most, the name that `_named` gives; refuses to be pickled or copied.

    Because attributes live in slots, `vars()` shows nothing either.
    """

    __slots__ = ()

    def _named(self) -> str:
        """What may be shown of the object: an id, never content."""
        return "not shown"

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._named()}>"

    def __reduce_ex__(self, protocol: SupportsIndex) -> NoReturn:
        raise TypeError(
            f"{type(self).__name__} holds a secret and is not pickled or copied;"
            " hand on its sealed form"
        )

    def __getstate__(self) -> NoReturn:
        raise TypeError(
            f"{type(self).__name__} holds a secret and has no state to give;"
            " hand on its sealed form"
        )
