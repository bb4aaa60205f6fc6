"""A secret of the merchant: usable, but never shown, logged, encoded or stored."""

import hmac
from typing import NoReturn


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
