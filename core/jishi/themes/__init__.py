"""The storefront: finds the theme, renders its pages, answers the browser's forms.

Every write goes through the same stories as the store's API; a page never knows better.
"""

from jishi.themes.structs import Block

__all__ = ["Block"]
