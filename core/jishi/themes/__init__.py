"""The storefront: finds the theme, renders its pages, answers the browser's forms.

Every write goes through the same stories as the store's API; a page never knows better. Start
reading at `routes`; `storefront` is what a page is made with.
"""

from jishi.themes.find_theme import GROUP, Theme, find_theme
from jishi.themes.forms import Form, read_form
from jishi.themes.problems import ThemeProblem
from jishi.themes.routes import ROUTES
from jishi.themes.storefront import Storefront, storefront_of
from jishi.themes.structs import Block
from jishi.themes.visit import Visit

__all__ = [
    "GROUP",
    "ROUTES",
    "Block",
    "Form",
    "Storefront",
    "Theme",
    "ThemeProblem",
    "Visit",
    "find_theme",
    "read_form",
    "storefront_of",
]
