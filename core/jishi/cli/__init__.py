"""The command ``jishi``: make a build, serve it, look after it."""

from jishi.cli.entry import main
from jishi.cli.voice import Voice, spoken

__all__ = ["Voice", "main", "spoken"]
