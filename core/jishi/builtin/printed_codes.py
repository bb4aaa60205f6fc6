"""Prints login codes in the server's console: for a demo, never for a real shop."""

import sys

from jishi import __version__
from jishi.membership import CodeSender, Identity, IdentityKind
from jishi.plugins import Declaration, Plugin, hookimpl


class _Console:
    """Writes a code where whoever started the server can read it."""

    name = "printed_codes"

    def serves(self, kind: IdentityKind) -> bool:
        """Phones and e-mail addresses."""
        return kind in ("phone", "email")

    async def send(self, identity: Identity, code: str) -> None:
        """Print the code; the log never sees it."""
        sys.stdout.write(f"login code for {identity.value}: {code}\n")
        sys.stdout.flush()


class PrintedCodes(Plugin):
    """Brings the console as a sender of codes. Off unless the merchant names it."""

    declaration = Declaration(
        name="printed_codes", version=__version__, scopes=("members:contact",)
    )

    @hookimpl
    def register_code_senders(self) -> list[CodeSender]:
        """The console."""
        return [_Console()]
