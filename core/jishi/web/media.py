"""Pictures of the build's ``media/`` folder."""

import asyncio
from pathlib import Path
from typing import Any

from litestar import Request, Response, get
from litestar.params import FromPath

from jishi.problems import NotFound
from jishi.shop import Shop

TYPES = {
    ".avif": "image/avif",
    ".gif": "image/gif",
    ".ico": "image/x-icon",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".mp4": "video/mp4",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".webp": "image/webp",
}
"""What is served, by the name's ending; everything else does not exist."""

_SANDBOX = "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'"


@get("/media/{path:path}", include_in_schema=False)
async def get_media(request: Request[Any, Any, Any], path: FromPath[str]) -> Response[bytes]:
    """A file of the build's media folder."""
    shop: Shop = request.app.state.shop
    file = _inside(shop.config.folder / "media", path)
    media_type = TYPES.get(file.suffix.lower())
    try:
        if media_type is None:
            raise FileNotFoundError
        seen = await asyncio.to_thread(file.stat)
        etag = f'"{seen.st_mtime_ns:x}-{seen.st_size:x}"'
        headers = {
            "content-type": media_type,
            "etag": etag,
            "cache-control": "public, max-age=86400",
            "content-security-policy": _SANDBOX,
        }
        if request.headers.get("if-none-match") == etag:
            return Response(b"", status_code=304, headers=headers)
        return Response(await asyncio.to_thread(file.read_bytes), headers=headers)
    except OSError:
        raise NotFound("There is no such file.") from None


def _inside(folder: Path, path: str) -> Path:
    """The file, if it lies in the folder whatever dots and links its path is made of.

    Raises:
        NotFound: It lies outside.
    """
    try:
        root = folder.resolve()
        file = (root / path.lstrip("/")).resolve()
    except (OSError, ValueError):
        raise NotFound("There is no such file.") from None
    if not file.is_relative_to(root):
        raise NotFound("There is no such file.")
    return file


ROUTES = (get_media,)
