"""Only one plugin answers a ``choose_`` hook: the merchant says which when several could."""

from collections.abc import Iterable, Mapping

from jishi.config import did_you_mean
from jishi.plugins.plans import Plan, Step
from jishi.plugins.problems import PluginProblem
from jishi.plugins.register import Register
from jishi.plugins.seats import Seat
from jishi.plugins.structs import Where


def check_choices(choose: Mapping[str, str], register: Register) -> None:
    """Refuse a choice that cannot be meant.

    Args:
        choose: The merchant's ``[plugins.choose]`` table.
        register: Who answers which hook.

    Raises:
        PluginProblem: It names no exclusive hook, or a plugin that does not answer it.
    """
    exclusive = [hook.name for hook in register.hooks.values() if hook.mode == "choose"]
    for hook, plugin in choose.items():
        if hook not in exclusive:
            raise PluginProblem(
                f"[plugins.choose] speaks of {hook!r}, which is no hook that only one plugin "
                f"answers{did_you_mean(hook, exclusive, '.')}",
                next_step="Correct it or remove the line.",
            )
        able = [each.plugin_name for each in register.implementations(hook)]
        if plugin not in able:
            raise PluginProblem(
                f"[plugins.choose] gives {hook!r} to {plugin!r}, which does not answer it"
                f"{did_you_mean(plugin, able, '.')}",
                next_step=f"These do: {', '.join(able) or 'none that is switched on'}.",
            )


def only_one(plan: Plan, choose: Mapping[str, str], seats: Mapping[str, Seat], at: Where) -> Plan:
    """The plan with the one plugin that answers.

    A built-in plugin that the merchant did not list gives way to those he did.

    Raises:
        PluginProblem: Several could answer and the merchant did not choose.
    """
    chosen = [step for step in plan.steps if step.name == choose.get(plan.hook)]
    listed = [step for step in plan.steps if seats[step.name].home != "builtin"]
    claimants = chosen or listed or list(plan.steps)
    if len(claimants) > 1:
        raise _undecided(plan.hook, claimants, at)
    return plan._replace(steps=tuple(claimants))


def _undecided(hook: str, claimants: Iterable[Step], at: Where) -> PluginProblem:
    names = [step.name for step in claimants]
    lines = f'[plugins.choose] {hook} = "{names[0]}"'
    return PluginProblem(
        f"Only one plugin may answer {hook!r}, but {' and '.join(map(repr, names))} "
        f"both want to ({at}).",
        next_step=f"Choose one in jishi.toml: {lines}",
    )
