"""Asks the plugins of one shop; everywhere else in the core this is the only way to reach them."""

import logging
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from types import CoroutineType
from typing import Any, Literal, ParamSpec, TypeVar

from jishi.plugins.deadline import Late, within
from jishi.plugins.declaration import Plugin
from jishi.plugins.modes import BUDGETS, Mode
from jishi.plugins.plans import Plan, Step
from jishi.plugins.problems import HookFailed, HookSlow
from jishi.plugins.roster import Roster
from jishi.plugins.structs import SHOP, Answer, Listener, Where
from jishi.plugins.trace import Trace, record, traced

P = ParamSpec("P")
R = TypeVar("R")
log = logging.getLogger("jishi.plugins")

Way = Literal["ask", "consult", "choose", "listen"]

SERVES: dict[Way, frozenset[Mode]] = {
    "ask": frozenset({"register", "pure", "effects"}),
    "consult": frozenset({"load", "review"}),
    "choose": frozenset({"choose"}),
    "listen": frozenset({"event"}),
}
"""Which modes each way of asking is for."""

Plans = dict[tuple[Callable[..., object], Where], Plan]


class Hooks:
    """Asks the plugins by hook specification, in the merchant's order.

    Args:
        roster: The plugins that take part.
    """

    def __init__(self, roster: Roster) -> None:
        self.roster = roster
        self._budgets: dict[str, float] = {**BUDGETS, **roster.rules.budgets}
        self._plans: dict[Way, Plans] = {"ask": {}, "consult": {}, "choose": {}, "listen": {}}
        self._asked, self._consulted = self._plans["ask"], self._plans["consult"]
        self._recordings = 0

    def ask(
        self, spec: Callable[P, R | None], where: Where, /, *args: P.args, **kwargs: P.kwargs
    ) -> list[Answer[R]]:
        """Every answer that is not None, in order: pure hooks, effects, and ``register_``.

        Args:
            spec: The hook's specification.
            where: The place; plugins that are off there are not asked.
            args: The hook's arguments.
            kwargs: The hook's arguments by name.

        Raises:
            HookFailed: A plugin raised, so no answer is safe. A plugin that fails in a
                ``register_`` hook is disabled instead.
            PluginProblem: A required plugin failed in a ``register_`` hook.
        """
        plan = self._asked.get((spec, where)) or self._plan(spec, where, "ask")
        if self._recordings:
            plan = traced(plan)
        if not plan.steps:
            return []
        values = plan.positions(args, kwargs) if kwargs else args
        answers: list[Answer[R]] = []
        for _name, label, call in plan.steps:
            try:
                value: Any = call(*values)
            except Exception as error:  # noqa: BLE001 - whatever a stranger's code raises
                self._fail(plan, label, error)
            else:
                if value is not None:
                    answers.append(Answer(label, value))
        return answers

    async def consult(
        self, spec: Callable[P, R | None], where: Where, /, *args: P.args, **kwargs: P.kwargs
    ) -> list[Answer[R]]:
        """Every answer that is not None, awaited one after the other: ``load_`` and ``review_``.

        Everybody is asked even when one fails, so that all objections are heard.

        Raises:
            HookFailed: A plugin raised or took too long, so the answer is no; ``answers`` of the
                error holds what the others said.
        """
        plan = self._consulted.get((spec, where)) or self._plan(spec, where, "consult")
        if self._recordings:
            plan = traced(plan)
        if not plan.steps:
            return []
        values = plan.positions(args, kwargs) if kwargs else args
        answers: list[Answer[R]] = []
        failure: HookFailed | None = None
        for step in plan.steps:
            try:
                value: Any = step.call(*values)
                if isinstance(value, CoroutineType):
                    value = await within(value, self._budgets[plan.mode])
            except Exception as error:  # noqa: BLE001 - whatever a stranger's code raises
                failure = failure or self._refusal(plan, step, error)
            else:
                if value is not None:
                    answers.append(Answer(step.label, value))
        if failure is not None:
            failure.answers = tuple(answers)
            raise failure
        return answers

    def choose(
        self, spec: Callable[P, R | None], where: Where, /, *args: P.args, **kwargs: P.kwargs
    ) -> Answer[R] | None:
        """The answer of the one plugin that decides; None when nobody does.

        Raises:
            HookFailed: It raised.
        """
        plan = self._plans["choose"].get((spec, where)) or self._plan(spec, where, "choose")
        if self._recordings:
            plan = traced(plan)
        if not plan.steps:
            return None
        values = plan.positions(args, kwargs) if kwargs else args
        for step in plan.steps:
            try:
                value: Any = step.call(*values)
            except Exception as error:
                raise _failure(plan.hook, step.label, error) from error
            return None if value is None else Answer(step.label, value)
        return None

    def listeners(self, spec: Callable[P, None], where: Where = SHOP) -> tuple[Listener[P], ...]:
        """Who wants to hear of an event; each is called by a durable job of its own."""
        plan = self._plans["listen"].get((spec, where)) or self._plan(spec, where, "listen")
        return tuple(Listener(step.name, _heard(plan, step)) for step in plan.steps)

    def plugin(self, name: str, where: Where = SHOP) -> Plugin | None:
        """The plugin's instance for a place; None when it is off there, disabled or unknown."""
        return self.roster.plugin(name, where)

    @contextmanager
    def recording(self) -> Iterator[Trace]:
        """Write down every call made in this context: who was asked, the answer, the time."""
        self._recordings += 1
        try:
            with record() as trace:
                yield trace
        finally:
            self._recordings -= 1

    def _plan(self, spec: Callable[..., object], where: Where, way: Way) -> Plan:
        """The plan, worked out once for each place that is known."""
        plans = self._plans[way]
        known = self.roster.scopes.known(where)
        if (spec, known) not in plans:
            plans[spec, known] = self.roster.plan(spec, known, SERVES[way])
        return plans[spec, known]

    def _fail(self, plan: Plan, label: str, error: Exception) -> None:
        if plan.mode != "register":
            raise _failure(plan.hook, label, error) from error
        self.roster.disable(label.partition("@")[0], error)
        for plans in self._plans.values():
            plans.clear()

    def _refusal(self, plan: Plan, step: Step, error: Exception) -> HookFailed | None:
        """The refusal that an error means; None where the merchant lets orders pass."""
        if plan.mode == "review" and self.roster.rules.on_failure.get(step.name) == "open":
            log.warning("%s failed in %s, let pass", step.label, plan.hook, exc_info=error)
            return None
        if isinstance(error, Late):
            budget = self._budgets[plan.mode] * 1000
            return HookSlow(step.label, plan.hook, f"no answer within {budget:.0f} ms")
        return _failure(plan.hook, step.label, error)


def _failure(hook: str, label: str, error: Exception) -> HookFailed:
    failed = HookFailed(label, hook, f"{type(error).__name__}: {error}")
    failed.__cause__ = error
    return failed


def _heard(plan: Plan, step: Step) -> Callable[..., Awaitable[None]]:
    """A call that can be awaited with the event's arguments, by position or by name."""

    async def hear(*args: object, **kwargs: object) -> None:
        answer = step.call(*plan.positions(args, kwargs))
        if isinstance(answer, CoroutineType):
            await answer

    return hear
