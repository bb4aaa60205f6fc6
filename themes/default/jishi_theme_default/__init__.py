"""The storefront that Jishi opens with.

The package is the theme: ``templates/``, ``static/`` and ``words/`` lie beside this file, and the
entry point ``jishi.themes`` names it.
"""
