"""Which event a past-tense hook hears of: the same id whenever the same event is told again."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_occasion: ContextVar[str] = ContextVar("jishi_occasion", default="")


def occasion() -> str:
    """The id of the event that is being told; empty outside of a past-tense hook."""
    return _occasion.get()


@contextmanager
def on_occasion(event_id: str) -> Iterator[None]:
    """Tell of an event in this context."""
    token = _occasion.set(event_id)
    try:
        yield
    finally:
        _occasion.reset(token)
