"""Serves the theme's static files; an address with the right version is good for ever."""

from litestar import Response, get
from litestar.params import FromPath

from jishi.problems import NotFound
from jishi.themes.visit import AnyRequest, Visit

_FOR_EVER = "public, max-age=31536000, immutable"


@get("/static/{version:str}/{name:path}", include_in_schema=False)
async def static(
    request: AnyRequest, version: FromPath[str], name: FromPath[str]
) -> Response[bytes]:
    """A file of the theme, or the merchant's of the same name."""
    assets = Visit(request).storefront.assets
    found = assets.find(str(name).lstrip("/"))
    if found is None:
        raise NotFound("There is no such file.")
    caching = _FOR_EVER if version == assets.version else "no-cache"
    return Response(found.content, media_type=found.media_type, headers={"Cache-Control": caching})


ROUTES = (static,)
