"""A secret of the merchant: usable, but never shown, logged, encoded or stored."""

import hmac
from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn

WRITTEN = 'write it as { env = "NAME" } or { file = "secrets/name" }'
"""How a secret stands in the toml."""


class Secret:
    """A text that must not be seen.

    It prints as ``***`` and refuses to be pickled or encoded as JSON; only `reveal` gives it away.

    Args:
        text: The secret itself, not empty.

    Raises:
        ValueError: The text is empty.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        if not text:
            raise ValueError("a secret cannot be empty")
        self._text = text

    def reveal(self) -> str:
        """The secret itself; do not keep, log or send back what you get."""
        return self._text

    def __repr__(self) -> str:
        return "***"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(self._text.encode(), other._text.encode())

    def __hash__(self) -> int:
        return hash((Secret, self._text))

    def __copy__(self) -> "Secret":
        return self

    def __deepcopy__(self, memo: object) -> "Secret":
        return self

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret cannot be pickled")


def find_secret(where: object, folder: Path, environ: Mapping[str, str]) -> Secret:
    """The secret that ``{ env = … }`` or ``{ file = … }`` points at.

    Args:
        where: What stands in the toml.
        folder: The build's folder; a relative file lies there.
        environ: The environment.

    Raises:
        LookupError: There is none; the sentence says why and never repeats what was found.
    """
    match where:
        case {"env": str(name), **rest} if not rest:
            return _from_variable(name, environ)
        case {"file": str(name), **rest} if not rest:
            return _from_file(folder / name)
    raise LookupError(f"a secret does not belong in this file; {WRITTEN}")


def _from_variable(name: str, environ: Mapping[str, str]) -> Secret:
    if text := environ.get(name):
        return Secret(text)
    state = "empty" if name in environ else "not set"
    raise LookupError(f"the environment variable {name} is {state}; export {name}=...")


def _from_file(file: Path) -> Secret:
    try:
        text = file.read_text("utf-8").rstrip("\r\n")
    except FileNotFoundError:
        why = "does not exist; create it"
    except UnicodeDecodeError:
        why = "cannot be read: it is not UTF-8 text"
    except OSError as error:
        why = f"cannot be read: {error.strerror}"
    else:
        if text:
            return Secret(text)
        why = "is empty"
    raise LookupError(f"the secret's file {file} {why}")
