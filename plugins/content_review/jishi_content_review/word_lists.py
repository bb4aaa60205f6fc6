"""The word list that comes along, and those that a merchant adds."""

from functools import cache
from importlib.resources import files
from pathlib import Path

import msgspec

from jishi_content_review.structs import WordList


@cache
def own_words() -> WordList:
    """The list that comes with this plugin."""
    text = files("jishi_content_review").joinpath("words.toml").read_bytes()
    return msgspec.toml.decode(text, type=WordList)


def read_words(file: Path) -> WordList:
    """A merchant's list, of the same shape.

    Raises:
        ValueError: It cannot be read or has another shape; says where.
    """
    try:
        return msgspec.toml.decode(file.read_bytes(), type=WordList)
    except (OSError, ValueError) as error:
        raise ValueError(f"words: {file} cannot be used: {error}") from None
