"""The demo: a build of its own, a catalogue, companions beside the shop, and walks."""

from jishi.demo.companions import companions
from jishi.demo.customer import ADDRESS, Person, yuan
from jishi.demo.pictures import picture, write_pictures
from jishi.demo.processes import DemoFailed
from jishi.demo.structs import Companion, Ground, Say, Walk
from jishi.demo.walks import walks

__all__ = [
    "ADDRESS",
    "Companion",
    "DemoFailed",
    "Ground",
    "Person",
    "Say",
    "Walk",
    "companions",
    "picture",
    "walks",
    "write_pictures",
    "yuan",
]
