"""Checks what plugins want to answer before anybody is asked; pluggy keeps the register."""

import inspect
from collections.abc import Callable, Iterable, Mapping
from types import ModuleType
from typing import Any, Literal, cast

import pluggy

from jishi.config import did_you_mean
from jishi.plugins.declaration import Plugin
from jishi.plugins.modes import AWAITED, Mode, mode_of
from jishi.plugins.permits import HOOKS, missing
from jishi.plugins.problems import PluginProblem
from jishi.plugins.seats import Seat


class Hook:
    """One hook: its specification, how it is asked, with what, and whether it wants a list."""

    def __init__(self, spec: Callable[..., object]) -> None:
        self.spec = spec
        self.name = spec.__name__
        self.mode: Mode = mode_of(spec)
        self.arguments = _arguments(spec)
        wanted = str(inspect.signature(spec).return_annotation)
        self.shape: Literal["one", "many"] = "many" if "Sequence[" in wanted else "one"


class Register:
    """Who answers which hook, in which order.

    Args:
        specs: The modules with the hook specifications.
        seats: The plugins in the merchant's order.

    Raises:
        PluginProblem: A plugin answers a hook that does not exist, or in a way it cannot.
        TypeError: A specification itself is wrong.
    """

    def __init__(self, specs: Iterable[object], seats: Iterable[Seat]) -> None:
        self._pluggy = pluggy.PluginManager("jishi")
        self.hooks: dict[str, Hook] = {}
        self.attributes: dict[tuple[str, str], str] = {}
        for module in specs:
            self._add_specs(module)
        # pluggy calls the last plugin registered first, so register from the end.
        for seat in reversed(list(seats)):
            self._check(seat)
            self._pluggy.register(seat.plugin, seat.name)

    def implementations(self, hook: str) -> list[pluggy.HookImpl]:
        """Who answers a hook, in the order of asking."""
        caller: pluggy.HookCaller = getattr(self._pluggy.hook, hook)
        return list(reversed(caller.get_hookimpls()))

    def answered_by(self, plugin: str) -> tuple[str, ...]:
        """The hooks that a plugin answers, sorted."""
        return tuple(sorted(hook for name, hook in self.attributes if name == plugin))

    def _add_specs(self, module: object) -> None:
        self._pluggy.add_hookspecs(cast(ModuleType, module))
        for name in dir(module):
            spec = getattr(module, name)
            marks = getattr(spec, "jishi_spec", None)
            if not marks or not inspect.isfunction(spec):
                continue
            if marks["firstresult"] or marks["historic"]:
                raise TypeError(f"{name}: the verb of a hook says how it is asked, not its mark")
            self.hooks[name] = Hook(spec)

    def _check(self, seat: Seat) -> None:
        for attribute, marks in marked(type(seat.plugin)).items():
            name = marks["specname"] or attribute
            if name not in self.hooks:
                raise PluginProblem(
                    f"The plugin {seat.name!r} answers {name!r}, but there is no such hook"
                    f"{did_you_mean(name, self.hooks, '.')}",
                    next_step="core/HOOKS.md lists every hook.",
                )
            method = getattr(seat.plugin, attribute)
            _check_way(seat.name, self.hooks[name], method, marks)
            _check_arguments(seat.name, self.hooks[name], method)
            scope = HOOKS.get(name, "")
            if seat.home == "installed" and scope and scope not in seat.declaration.scopes:
                told = missing(seat.declaration, f"answers {name}", scope)
                raise PluginProblem(told.detail, next_step=told.next_step)
            self.attributes[seat.name, name] = attribute


def marked(plugin: type[Plugin]) -> dict[str, Mapping[str, Any]]:
    """The plugin's methods that are marked as answers."""
    found: dict[str, Mapping[str, Any]] = {}
    for name in dir(plugin):
        marks = getattr(getattr(plugin, name), "jishi_impl", None)
        if isinstance(marks, dict):
            found[name] = marks
    return found


def _check_way(plugin: str, hook: Hook, method: Callable[..., object], marks: Any) -> None:
    """Refuse wrappers, generators, and waiting where nobody waits."""
    who = f"The plugin {plugin!r} answers {hook.name!r}"
    if marks["wrapper"] or marks["hookwrapper"]:
        raise PluginProblem(
            f"{who} as a wrapper, but hooks are asked one by one and cannot be wrapped.",
            next_step="Answer the hook itself.",
        )
    if inspect.isgeneratorfunction(method) or inspect.isasyncgenfunction(method):
        raise PluginProblem(
            f"{who} with a generator, but an answer is given at once.",
            next_step="Return a list instead of yielding.",
        )
    if inspect.iscoroutinefunction(method) and hook.mode not in AWAITED:
        raise PluginProblem(
            f"{who} with an async method, but nobody waits for it there.",
            next_step="Make it a plain def; read what it needs in a load_ hook.",
        )


def _check_arguments(plugin: str, hook: Hook, method: Callable[..., object]) -> None:
    for name in _arguments(method, "fewer"):
        if name not in hook.arguments:
            asked = f"with {', '.join(hook.arguments)}" if hook.arguments else "with nothing"
            raise PluginProblem(
                f"The plugin {plugin!r} wants {name!r} in {hook.name!r}, which is asked "
                f"{asked}{did_you_mean(name, hook.arguments, '.')}",
                next_step="Take only arguments that the hook has.",
            )


def _arguments(function: Callable[..., object], rule: str = "all") -> tuple[str, ...]:
    """The names a function must be called with."""
    parameters = inspect.signature(function).parameters.values()
    various = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    needed = [p.name for p in parameters if p.default is p.empty and p.kind not in various]
    if rule == "all" and len(needed) != len(parameters):
        raise TypeError(f"{function.__name__}: a hook's arguments are plain and have no defaults")
    return tuple(needed)
