"""The callbacks that are told when a user's memory changes."""

from collections.abc import Callable

__all__ = ["Listener", "Listeners"]

Listener = Callable[[str, str], None]
"""Called with (user id, tier) after each change, from any thread."""

TIERS = ("short_term", "mid_term", "long_term")


class Listeners:
    """
    Tells listeners of changes, in the thread that made the change.

    Listeners are only ever added, by appending to a list, which needs no lock.
    """

    def __init__(self) -> None:
        self._listeners: list[Listener] = []

    def subscribe(self, listener: Listener) -> None:
        """Have *listener* called with (user id, tier) after each change, from any thread."""
        self._listeners.append(listener)

    def notify(self, user_id: str, *changed: str) -> None:
        """Tell every listener that the tiers *changed* of a user are not what they were."""
        for what in changed:
            for listener in self._listeners:
                listener(user_id, what)

    def notify_all(self, user_id: str) -> None:
        """Tell every listener that anything of a user may have changed."""
        self.notify(user_id, *TIERS)
