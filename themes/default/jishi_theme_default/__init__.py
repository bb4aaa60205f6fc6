"""The storefront that Jishi opens with.

The package is the theme: ``templates/``, ``static/`` and ``words/`` lie beside this file, and the
entry point ``jishi.themes`` names it. ``FILTERS`` are the filters that its templates need.
"""

from jishi_theme_default.qr import qr_code

FILTERS = {"qr": qr_code}

__all__ = ["FILTERS", "qr_code"]
