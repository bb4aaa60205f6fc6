"""What a plugin brings so that it can be shown: settings, a process, a way to pay, a walk."""

from collections.abc import Callable, Mapping

import msgspec

Say = Callable[[str, str, str], None]
"""Prints a step: what happens, method and address, what came of it."""


class Companion(msgspec.Struct, frozen=True, kw_only=True):
    """A plugin's part in the demo, brought by its entry point in the group ``jishi.demo``.

    The entry point is a function that takes the build's folder (a ``Path``) and gives this; asked
    again for the same folder it gives the same.

    Attributes:
        settings: The table ``[plugins.<name>]`` of the demo's build.
        title: What the companion is, for the person who watches.
        stores: Stores that it wants in the build, name by code: ``{"east": "东门店"}``.
        command: How to start its process; empty when it needs none.
        address: Where the process answers.
        approve: For payment plugins: from the client's payment parameters, the address and the
            form that a person's "confirm" sends.
    """

    settings: dict[str, object]
    title: str
    stores: dict[str, str] = {}
    command: tuple[str, ...] = ()
    address: str = ""
    approve: Callable[[Mapping[str, str]], tuple[str, dict[str, str]]] | None = None


class Ground(msgspec.Struct, frozen=True, kw_only=True):
    """What a plugin's walk is given: a running shop, its owner, somebody who pays.

    Attributes:
        address: Where the shop answers.
        owner: The owner's e-mail address.
        password: The owner's password.
        gateway: The payment plugin that collects.
        method: How it collects.
        pay: Confirms a payment as a person would, from the client's payment parameters.
        code: The login code that the shop has just sent to a phone.
        say: Prints a step.
    """

    address: str
    owner: str
    password: str
    gateway: str
    method: str
    pay: Callable[[Mapping[str, str]], None]
    code: Callable[[str], str]
    say: Say


Walk = Callable[[Ground], None]
"""A plugin's walk, brought by its entry point in the group ``jishi.demo.walks``.

It raises ``DemoFailed`` when a step was refused or the shop's books disagree.
"""
