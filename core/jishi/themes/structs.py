"""What flows through the themes room: pieces of pages that plugins bring."""

import msgspec


class Block(msgspec.Struct, frozen=True, kw_only=True):
    """A piece of a page that a plugin brings for a slot of the theme.

    Attributes:
        slot: The place that the theme names (``pay_instructions``).
        template: A file of the plugin's ``templates`` folder: ``<plugin>/pay_note.html``.
        values: What the template may use besides what the page gives to the slot.
        position: Blocks of a slot appear by position, then in the merchant's order of plugins.
    """

    slot: str
    template: str
    values: dict[str, str] = {}
    position: int = 0
