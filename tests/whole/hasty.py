"""A plugin that gives customers seconds instead of a quarter of an hour to pay."""

from datetime import timedelta
from importlib import import_module

from jishi.plugins import Declaration, Plugin

SECONDS = 8

# The story's function hides its module.
import_module("jishi.checkout.draft_order").timedelta = lambda minutes: timedelta(seconds=SECONDS)


class Own(Plugin):
    """Does nothing else."""

    declaration = Declaration(name="hasty", version="1.0")
