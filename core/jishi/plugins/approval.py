"""What the merchant allowed a plugin: more than that needs his word again."""

from collections.abc import Sequence

from jishi.plugins.declaration import Declaration
from jishi.plugins.problems import PluginProblem


def wishes_of(declaration: Declaration) -> tuple[str, ...]:
    """What a plugin wants to be allowed, as it stands in ``[plugins.approved]``; sorted."""
    hosts = [f"host:{host}" for host in declaration.hosts]
    return tuple(sorted([*declaration.scopes, *hosts]))


def approval_line(declaration: Declaration) -> str:
    """The line that approves everything a plugin wants."""
    wishes = ", ".join(f'"{wish}"' for wish in wishes_of(declaration))
    return f"[plugins.approved] {declaration.name} = [{wishes}]"


def check_approved(declaration: Declaration, approved: Sequence[str] | None) -> None:
    """Refuse a plugin that wants more than it was allowed.

    Whoever lists a plugin in ``enabled`` and says nothing in ``[plugins.approved]`` takes it as
    it comes; then nobody notices when an update wants more, which the doctor says.

    Args:
        declaration: The plugin's.
        approved: What it was allowed; None when nothing was said.

    Raises:
        PluginProblem: It names what is new and the line to write.
    """
    wishes = wishes_of(declaration)
    if approved is None:
        return
    more = [wish for wish in wishes if wish not in approved]
    if more:
        raise PluginProblem(
            f"The plugin {declaration.name!r} {declaration.version} wants more than it was "
            f"allowed: {', '.join(more)}.",
            next_step=f"Allow it with `jishi plugins enable {declaration.name}`, or write in "
            f"jishi.toml: {approval_line(declaration)}",
        )
