"""Writes the beginning of a plugin: a distribution whose tests pass at once."""

from jishi.scaffold.new_plugin import KINDS, Kind, Started, new_plugin

__all__ = ["KINDS", "Kind", "Started", "new_plugin"]
