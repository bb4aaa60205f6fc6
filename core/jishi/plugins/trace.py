"""Writes down who was asked what, what was answered and how long it took."""

from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from time import perf_counter_ns
from types import CoroutineType
from typing import Any

import msgspec

from jishi.plugins.plans import Plan, Step

_trace: ContextVar["Trace | None"] = ContextVar("jishi_trace", default=None)
_LONGEST = 200


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """One question to one plugin.

    Attributes:
        hook: What was asked.
        plugin: Who was asked: ``loyalty@0.1.0``.
        answer: The answer as text, shortened; ``None`` when there was none.
        microseconds: How long it took, waiting included.
        error: What was raised instead; empty when nothing was.
    """

    hook: str
    plugin: str
    answer: str
    microseconds: int
    error: str = ""


class Trace:
    """The calls of one recording, in the order they ended."""

    def __init__(self) -> None:
        self.calls: list[Call] = []

    def note(self, hook: str, plugin: str, begun: int, answer: object, error: str = "") -> None:
        """Write down one call.

        Args:
            hook: What was asked.
            plugin: Who was asked.
            begun: When, in nanoseconds of the performance counter.
            answer: What came back.
            error: What was raised instead.
        """
        text = repr(answer)
        short = text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
        took = (perf_counter_ns() - begun) // 1000
        self.calls.append(
            Call(hook=hook, plugin=plugin, answer=short, microseconds=took, error=error)
        )


@contextmanager
def record() -> Iterator[Trace]:
    """Record the calls made in this context and in tasks begun in it."""
    trace = Trace()
    token = _trace.set(trace)
    try:
        yield trace
    finally:
        _trace.reset(token)


def traced(plan: Plan) -> Plan:
    """The plan with every call written down, if this context is being recorded."""
    trace = _trace.get()
    if trace is None:
        return plan
    return plan._replace(steps=tuple(_traced(plan.hook, step, trace) for step in plan.steps))


def _traced(hook: str, step: Step, trace: Trace) -> Step:
    def call(*args: object) -> object:
        begun = perf_counter_ns()
        try:
            answer = step.call(*args)
        except Exception as error:
            trace.note(hook, step.label, begun, None, repr(error))
            raise
        if isinstance(answer, CoroutineType):
            return _awaited(hook, step, trace, begun, answer)
        trace.note(hook, step.label, begun, answer)
        return answer

    return step._replace(call=call)


async def _awaited(
    hook: str, step: Step, trace: Trace, begun: int, waited: Coroutine[Any, Any, object]
) -> object:
    try:
        answer = await waited
    except BaseException as error:
        trace.note(hook, step.label, begun, None, repr(error))
        raise
    trace.note(hook, step.label, begun, answer)
    return answer
