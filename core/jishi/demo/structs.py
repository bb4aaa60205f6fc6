"""What a plugin brings so that it can be shown: settings, a process, a way to pay."""

from collections.abc import Callable, Mapping

import msgspec


class Companion(msgspec.Struct, frozen=True, kw_only=True):
    """A plugin's part in the demo, brought by its entry point in the group ``jishi.demo``.

    The entry point is a function that takes the build's folder (a ``Path``) and gives this; asked
    again for the same folder it gives the same.

    Attributes:
        settings: The table ``[plugins.<name>]`` of the demo's build.
        title: What the companion is, for the person who watches.
        command: How to start its process; empty when it needs none.
        address: Where the process answers.
        approve: For payment plugins: from the client's payment parameters, the address and the
            form that a person's "confirm" sends.
    """

    settings: dict[str, object]
    title: str
    command: tuple[str, ...] = ()
    address: str = ""
    approve: Callable[[Mapping[str, str]], tuple[str, dict[str, str]]] | None = None
