"""Slots: where plugins put their pieces into pages. A piece that fails is left out, and logged."""

from collections import defaultdict
from collections.abc import Sequence

import structlog
from jinja2 import Environment, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from jishi.hookspecs.platform import register_theme_blocks
from jishi.plugins import SHOP, Where
from jishi.shop import Shop
from jishi.themes.structs import Block

log = structlog.get_logger("jishi.themes")


class Slots:
    """The pieces that plugins bring, by slot.

    Args:
        shop: The shop; its plugins are asked once.
        environment: Where the pieces' templates are found.
    """

    def __init__(self, shop: Shop, environment: Environment) -> None:
        self._roster = shop.hooks.roster
        self._environment = environment
        self._blocks: dict[str, list[tuple[str, Block]]] = defaultdict(list)
        for answer in shop.hooks.ask(register_theme_blocks, SHOP):
            self._add(answer.plugin.partition("@")[0], answer.value)
        for some in self._blocks.values():
            some.sort(key=lambda each: each[1].position)

    def _add(self, plugin: str, blocks: Sequence[Block]) -> None:
        for block in blocks:
            self._blocks[block.slot].append((plugin, block))

    @pass_context
    def render(self, context: Context, name: str, **values: object) -> Markup:
        """Every piece for a slot that is on in the page's channel, one after the other."""
        where = Where(channel=context.get("channel"))
        pieces: list[str] = []
        for plugin, block in self._blocks.get(name, ()):
            if self._roster.plugin(plugin, where) is None:
                continue
            try:
                template = self._environment.get_template(block.template)
                pieces.append(template.render({**context.get_all(), **block.values, **values}))
            except Exception:
                log.exception("block_failed", plugin=plugin, slot=name, template=block.template)
        return Markup("").join(Markup(piece) for piece in pieces)  # noqa: S704 escaped by its template
