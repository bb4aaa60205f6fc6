"""The storefront of a shop: everything a page is made with, put together once."""

from weakref import WeakKeyDictionary

import structlog

from jishi.shop import Shop
from jishi.themes.assets import Assets
from jishi.themes.environment import make_environment
from jishi.themes.find_theme import Theme, find_theme
from jishi.themes.formats import amount_of, moment_of
from jishi.themes.slots import Slots
from jishi.themes.words import Words

log = structlog.get_logger("jishi.themes")

_storefronts: "WeakKeyDictionary[Shop, Storefront | None]" = WeakKeyDictionary()


class Storefront:
    """Templates, words and assets of one shop.

    Args:
        shop: The shop.
        theme: Its theme.

    Raises:
        ThemeProblem: The theme cannot be used.
    """

    def __init__(self, shop: Shop, theme: Theme) -> None:
        own = shop.config.folder / "themes"
        self.theme = theme
        self.words = Words((theme.folder / "words", own / "words"), shop.config.shop.locale)
        self.assets = Assets((theme.folder / "static", own / "static"))
        self.environment = make_environment(theme, own, shop.hooks.roster)
        timezone = shop.config.shop.timezone
        self.environment.globals.update(
            shop_name=shop.config.shop.name,
            asset=self.assets.address,
            amount=amount_of,
            when=lambda at: moment_of(at, timezone),
            slot=Slots(shop, self.environment).render,
            languages=self.words.languages,
        )

    def render(self, template: str, language: str, values: dict[str, object]) -> str:
        """A page.

        Args:
            template: The template's name.
            language: One of `Words.languages`.
            values: What the page shows.
        """

        def say(key: str, /, **filled: object) -> str:
            return self.words.say(language, key, filled)

        def knows(key: str) -> bool:
            return self.words.knows(language, key)

        page = self.environment.get_template(template)
        return page.render(values, t=say, knows=knows, lang=language)


def storefront_of(shop: Shop) -> Storefront | None:
    """The shop's storefront; None for a shop without any theme, which has no pages.

    Raises:
        ThemeProblem: The theme that the merchant named cannot be used.
    """
    if shop not in _storefronts:
        theme = find_theme(shop.config.shop.theme)
        if theme is None:
            log.info("no_theme", pages="none", next_step="pip install jishi-theme-default")
        _storefronts[shop] = Storefront(shop, theme) if theme else None
    return _storefronts[shop]
