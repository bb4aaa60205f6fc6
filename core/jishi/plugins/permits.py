"""What a scope in a declaration allows, and the sentence for what none allows.

| scope | allows |
|---|---|
| ``orders:read`` and the like | to read that room's tables at its desk |
| ``ledger:<kind>`` | effects that move accounts of that kind: ``ledger:points`` for ``points:…`` |
| ``payments:provider`` | to bring a gateway |
| ``members:contact`` | to send codes, to hear of new members |

Accounts whose kind is the plugin's own name, and its own tables, need no scope.
"""

from jishi.plugins.declaration import Declaration
from jishi.problems import Problem

READS = {
    "catalogue": "catalogue:read",
    "checkout": "carts:read",
    "compliance": "compliance:read",
    "events": "events:read",
    "fulfilment": "fulfilment:read",
    "ledger": "ledger:read",
    "membership": "members:read",
    "orders": "orders:read",
    "payments": "payments:read",
    "pricing": "catalogue:read",
}
"""The scope that lets a plugin read a room's tables; rooms that are missing are nobody's."""

HOOKS = {
    "register_gateways": "payments:provider",
    "register_code_senders": "members:contact",
    "member_joined": "members:contact",
}
"""Hooks that need a scope."""


class ScopeMissing(Problem):
    """A plugin uses what it did not declare."""

    code = "scope_missing"
    status = 500
    title = "A plugin uses what it did not declare"


def missing(declaration: Declaration, what: str, scope: str) -> ScopeMissing:
    """The problem of a use that was not declared.

    Args:
        declaration: The plugin's.
        what: What it does: ``reads orders_orders``.
        scope: The scope that would allow it.
    """
    return ScopeMissing(
        f"The plugin {declaration.label} {what}, but does not declare the scope {scope!r}.",
        next_step=f'Its author adds scopes=("{scope}",) to its declaration; the merchant allows '
        f"it with `jishi plugins enable {declaration.name}`.",
    )


def kinds_of(declaration: Declaration) -> frozenset[str]:
    """The kinds of ledger accounts that a plugin's effects may move."""
    scopes = (scope.partition(":") for scope in declaration.scopes)
    named = {kind for room, _, kind in scopes if room == "ledger" and kind != "read"}
    return frozenset({declaration.name, *named})
