"""Styles, scripts and pictures of the theme, at addresses that change with their contents."""

import hashlib
import mimetypes
from collections.abc import Iterable
from pathlib import Path

import msgspec

_TEXTS = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8"}


class Asset(msgspec.Struct, frozen=True):
    """One file as it is served: its content and its media type."""

    content: bytes
    media_type: str


class Assets:
    """All static files of a theme, kept in memory.

    Args:
        folders: Where they lie; a later folder's file wins.
    """

    def __init__(self, folders: Iterable[Path]) -> None:
        self._files: dict[str, Asset] = {}
        for folder in folders:
            for file in sorted(folder.rglob("*")):
                if file.is_file():
                    name = file.relative_to(folder).as_posix()
                    self._files[name] = Asset(file.read_bytes(), _media_type(file))
        digest = hashlib.sha256()
        for name, asset in sorted(self._files.items()):
            digest.update(name.encode() + b"\0" + asset.content)
        self.version = digest.hexdigest()[:12]

    def find(self, name: str) -> Asset | None:
        """The file of that name, if there is one."""
        return self._files.get(name)

    def address(self, name: str) -> str:
        """Where a browser gets a file, and may keep it for ever."""
        return f"/static/{self.version}/{name}"


def _media_type(file: Path) -> str:
    guessed = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    return _TEXTS.get(file.suffix, guessed)
