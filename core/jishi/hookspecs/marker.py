"""The mark that makes a function a hook specification."""

import pluggy

hookspec = pluggy.HookspecMarker("jishi")
"""Marks a function of a family's module as a hook."""
