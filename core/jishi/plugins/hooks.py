"""Asks the plugins of one shop; everywhere else in the core this is the only way to reach them."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from time import perf_counter
from types import CoroutineType
from typing import Any, Literal, ParamSpec, TypeVar

import structlog

from jishi.clock import Clock
from jishi.db import Database
from jishi.plugins.books import Books
from jishi.plugins.deadline import Late, within
from jishi.plugins.declaration import Plugin
from jishi.plugins.desk import Desk
from jishi.plugins.edge import WrongAnswer, check_answer, check_effects
from jishi.plugins.freeze import frozen
from jishi.plugins.health import Health
from jishi.plugins.modes import AWAITED, TOTALS, Mode
from jishi.plugins.permits import kinds_of
from jishi.plugins.plans import Plan, Step
from jishi.plugins.problems import HookFailed, HookShut, HookSlow
from jishi.plugins.roster import Roster
from jishi.plugins.scopes import Scopes
from jishi.plugins.seats import Seat
from jishi.plugins.stage import STAGE
from jishi.plugins.structs import SHOP, Answer, Listener, Where
from jishi.plugins.trace import Trace, record, traced

P = ParamSpec("P")
R = TypeVar("R")
log = structlog.get_logger("jishi.plugins")

RAISED = (Exception, SystemExit, GeneratorExit, asyncio.CancelledError)
"""What a stranger's code may raise; in a plain call nothing of it is meant for us."""

CLOSE_SECONDS = 1.0
"""So long may a plugin take to let go of what it holds."""

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
        self._plans: dict[Way, Plans] = {"ask": {}, "consult": {}, "choose": {}, "listen": {}}
        self._asked, self._consulted = self._plans["ask"], self._plans["consult"]
        self._recordings = 0
        self._furnished: tuple[Database, Clock, Books | None] | None = None
        self._replaced: list[Plugin] = []

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
            HookFailed: A plugin raised or answered nonsense, so no answer is safe. A plugin that
                fails in a ``register_`` hook is disabled instead.
            PluginProblem: A required plugin failed in a ``register_`` hook.
        """
        plan = self._asked.get((spec, where)) or self._plan(spec, where, "ask")
        if self._recordings:
            plan = traced(plan)
        if not plan.steps:
            return []
        values = plan.positions(args, kwargs) if kwargs else args
        answers: list[Answer[R]] = []
        before, begun = STAGE.now, perf_counter()
        try:
            for _name, label, call, health in plan.steps:
                if health.shut and not health.lets_in():
                    raise _shut(health)
                health.calls += 1
                STAGE.now = health
                try:
                    value: Any = call(*values)
                    if value is not None:
                        check_answer(health, value)
                except RAISED as error:
                    self._fail(plan, health, error)
                    begun = perf_counter()
                else:
                    if value is not None:
                        answers.append(Answer(label, value))
                    ended = perf_counter()
                    if ended - begun > health.slack:
                        _late(health, ended - begun)
                    elif health.alert:
                        health.well()
                    begun = ended
        finally:
            STAGE.now = before
        return answers

    async def consult(
        self, spec: Callable[P, R | None], where: Where, /, *args: P.args, **kwargs: P.kwargs
    ) -> list[Answer[R]]:
        """Every answer that is not None, awaited one after the other: ``load_`` and ``review_``.

        Everybody is asked even when one fails, so that all objections are heard. All together
        have a second.

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
        failures: list[HookFailed] = []
        end = perf_counter() + max(TOTALS[plan.mode], *[step.health.budget for step in plan.steps])
        for step in plan.steps:
            try:
                value: Any = await _asked(step, values, end)
            except HookFailed as error:
                if refusal := self._refusal(plan, step, error):
                    failures.append(refusal)
            else:
                if value is not None:
                    answers.append(Answer(step.label, value))
        if failures:
            failures[0].answers, failures[0].others = tuple(answers), tuple(failures[1:])
            raise failures[0]
        return answers

    def choose(
        self, spec: Callable[P, R | None], where: Where, /, *args: P.args, **kwargs: P.kwargs
    ) -> Answer[R] | None:
        """The answer of the one plugin that decides; None when nobody does.

        Raises:
            HookFailed: It raised or answered nonsense.
        """
        plan = self._plans["choose"].get((spec, where)) or self._plan(spec, where, "choose")
        if self._recordings:
            plan = traced(plan)
        if not plan.steps:
            return None
        step = plan.steps[0]
        if step.health.shut and not step.health.lets_in():
            raise _shut(step.health)
        values = plan.positions(args, kwargs) if kwargs else args
        value: Any = _called(step, values)
        return None if value is None else Answer(step.label, value)

    def blame(self, plugin: str, spec: Callable[..., object], why: str) -> HookFailed:
        """The error for an answer that its room cannot use; it counts as the plugin's failure.

        Args:
            plugin: Who answered: ``loyalty@0.1.0``.
            spec: The hook it answered.
            why: What is wrong with the answer, for staff and logs.
        """
        for health in self.roster.board.healths(plugin.partition("@")[0]):
            if health.hook == spec.__name__:
                health.failed(why)
        return HookFailed(plugin, spec.__name__, why)

    def check_effects(
        self, plugin: str, spec: Callable[..., object], effects: Sequence[object]
    ) -> None:
        """Refuse effects that came with another answer and that the plugin may not ask for.

        Args:
            plugin: Who answered: ``loyalty@0.1.0``.
            spec: The hook it answered.
            effects: What it asks for.

        Raises:
            HookFailed: One of them is none, or moves what its plugin did not declare.
        """
        seat = self.roster.seats[plugin.partition("@")[0]]
        try:
            kinds = kinds_of(seat.declaration) if seat.home == "installed" else None
            check_effects(seat.name, kinds, effects)
        except WrongAnswer as error:
            raise self.blame(plugin, spec, str(error)) from error

    def listeners(self, spec: Callable[P, None], where: Where = SHOP) -> tuple[Listener[P], ...]:
        """Who wants to hear of an event; each is called by a durable job of its own."""
        plan = self._plans["listen"].get((spec, where)) or self._plan(spec, where, "listen")
        return tuple(Listener(step.name, _heard(plan, step)) for step in plan.steps)

    def plugin(self, name: str, where: Where = SHOP) -> Plugin | None:
        """The plugin's instance for a place; None when it is off there, disabled or unknown."""
        return self.roster.plugin(name, where)

    def furnish(self, database: Database, clock: Clock, books: Books | None = None) -> None:
        """Give every plugin its desk; once, when the shop is made."""
        self._furnished = (database, clock, books)
        for seat in self.roster.seats.values():
            self._furnish(seat)

    def reseat(self, seat: Seat, scopes: Scopes) -> None:
        """Ask a plugin that was made anew; calls under way end with the one that was.

        Args:
            seat: Made with other settings.
            scopes: The places, with these settings.
        """
        self._furnish(seat)
        self._replaced += self.roster.seats[seat.name].instances()
        self.roster.seats[seat.name] = seat
        self.roster.scopes = scopes
        for plans in self._plans.values():
            plans.clear()

    async def close(self) -> None:
        """Have every plugin let go of what it holds; when the shop ends."""
        seated = [each for seat in self.roster.seats.values() for each in seat.instances()]
        for plugin in (*seated, *self._replaced):
            try:
                async with asyncio.timeout(CLOSE_SECONDS):
                    await plugin.close()
            except Exception as error:  # noqa: BLE001  # a stranger's code
                label = plugin.declaration.label
                log.warning("plugin_not_closed", plugin=label, error=repr(error))
        self._replaced.clear()

    @contextmanager
    def recording(self) -> Iterator[Trace]:
        """Write down every call made in this context: who was asked, the answer, the time."""
        self._recordings += 1
        try:
            with record() as trace:
                yield trace
        finally:
            self._recordings -= 1

    def _furnish(self, seat: Seat) -> None:
        if self._furnished:
            desk = Desk(seat.declaration, *self._furnished)
            for plugin in seat.instances():
                plugin._desk = desk

    def _plan(self, spec: Callable[..., object], where: Where, way: Way) -> Plan:
        """The plan, worked out once for each place that is known."""
        plans = self._plans[way]
        known = self.roster.scopes.known(where)
        if (spec, known) not in plans:
            plans[spec, known] = self.roster.plan(spec, known, SERVES[way])
        return plans[spec, known]

    def _fail(self, plan: Plan, health: Health, error: BaseException) -> None:
        if plan.mode != "register":
            raise _failure(health, error) from error
        cause = error if isinstance(error, Exception) else RuntimeError(repr(error))
        self.roster.disable(health.plugin, cause)
        for plans in self._plans.values():
            plans.clear()

    def _refusal(self, plan: Plan, step: Step, error: HookFailed) -> HookFailed | None:
        """The refusal that an error means; None where the merchant lets orders pass."""
        if plan.mode != "review" or self.roster.rules.on_failure.get(step.name) != "open":
            return error
        log.warning("plugin_let_pass", plugin=step.label, hook=plan.hook, why=error.why)
        return None


async def _asked(step: Step, values: Sequence[Any], end: float) -> Any:
    """The answer of one plugin that may have to wait.

    Args:
        step: Whom to ask.
        values: The arguments.
        end: When everybody's time is over, in seconds of the performance counter.

    Raises:
        HookFailed: There is none that could be used.
    """
    health = step.health
    if health.shut and not health.lets_in():
        raise _shut(health)
    value = _called(step, values)
    if not isinstance(value, CoroutineType):
        return frozen(value) if health.mode == "load" else value
    seconds = max(0.0, min(health.budget, end - perf_counter()))
    begun = perf_counter()
    try:
        value = await within(value, seconds, health)
        if value is not None:
            check_answer(health, value)
    except Late as error:
        why = f"no answer within {seconds * 1000:.0f} ms"
        health.failed(why, "late")
        raise HookSlow(health.label, health.hook, why) from error
    except asyncio.CancelledError as error:
        if _is_cancelled():
            raise
        raise _failure(health, error) from error
    except RAISED as error:
        raise _failure(health, error) from error
    if perf_counter() - begun > health.slack:
        _late(health, perf_counter() - begun)
    elif health.alert:
        health.well()
    return frozen(value) if health.mode == "load" else value


def _called(step: Step, values: Sequence[Any]) -> Any:
    """What a call gives at once: an answer that was checked, or a coroutine.

    Raises:
        HookFailed: It raised, or answered nonsense.
    """
    health, before, begun = step.health, STAGE.now, perf_counter()
    health.calls += 1
    STAGE.now = health
    try:
        value = step.call(*values)
        if isinstance(value, CoroutineType) and health.mode in AWAITED:
            return value
        if value is not None:
            check_answer(health, value)
    except RAISED as error:
        raise _failure(health, error) from error
    finally:
        STAGE.now = before
    if perf_counter() - begun > health.slack:
        _late(health, perf_counter() - begun)
    elif health.alert:
        health.well()
    return value


def _is_cancelled() -> bool:
    """Whether our caller is cancelled, rather than the plugin pretending it was."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def _late(health: Health, seconds: float) -> None:
    """Count an answer that came, but after its time: nobody could cut it off."""
    why = f"took {seconds * 1000:.0f} ms of {health.slack * 1000:.0f}"
    log.warning("plugin_late", plugin=health.label, hook=health.hook, why=why)
    health.failed(why, "late")


def _shut(health: Health) -> HookShut:
    why = f"not asked, its breaker is {health.state}: {health.why}"
    return HookShut(health.label, health.hook, why, health.wait())


def _failure(health: Health, error: BaseException) -> HookFailed:
    why = f"{error}" if isinstance(error, WrongAnswer) else f"{type(error).__name__}: {error}"
    health.failed(why)
    failed = HookFailed(health.label, health.hook, why)
    failed.__cause__ = error
    return failed


def _heard(plan: Plan, step: Step) -> Callable[..., Awaitable[None]]:
    """A call that can be awaited with the event's arguments, by position or by name."""

    async def hear(*args: object, **kwargs: object) -> None:
        health = step.health
        if health.shut and not health.lets_in():
            raise _shut(health)
        answer = _called(step, plan.positions(args, kwargs))
        if not isinstance(answer, CoroutineType):
            return
        try:
            await within(answer, health.budget, health)
        except Late as error:
            why = f"not done within {health.budget:g} s"
            health.failed(why, "late")
            raise HookSlow(health.label, health.hook, why) from error
        except Exception as error:
            health.failed(f"{type(error).__name__}: {error}")
            raise
        if health.alert:
            health.well()

    return hear
