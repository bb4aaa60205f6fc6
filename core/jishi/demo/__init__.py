"""The demo: a build of its own, a catalogue, companions beside the shop, one walk."""

from jishi.demo.companions import companions
from jishi.demo.pictures import picture, write_pictures
from jishi.demo.structs import Companion

__all__ = ["Companion", "companions", "picture", "write_pictures"]
