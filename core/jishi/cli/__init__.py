"""The command ``jishi``: make a build, serve it, look after it."""

from jishi.cli.entry import main

__all__ = ["main"]
