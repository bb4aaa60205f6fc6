"""Keeps a database as a release leaves it, for all later releases to upgrade from.

    .venv/bin/python tests/survival/make_golden.py 0.1

writes golden/0.1.sqlite.sql.gz and golden/0.1.postgresql.sql.gz: a shop whose orders wait, are
paid, given back, cancelled and expired, with a member and her cart. Run it with the release's own
code, once; a golden database never changes afterwards.
"""

import asyncio
import gzip
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from stories import STORIES, code_for, drained, filled_cart, logged_in

from jishi.testing.people import Seller
from jishi.testing.postgres_server import installations, throw_away_server
from jishi.web import require_tables

HERE = Path(__file__).parent
TOLD = ("place", "pay", "refund", "cancel", "stop", "expire")
_OURS = ("\\", "--", "SET ", "SELECT pg_catalog.", "CREATE SCHEMA", "COMMENT ON SCHEMA")
"""Lines of pg_dump that only psql understands, or that another version does not."""


async def lived(url: str, folder: Path) -> None:
    """A shop in which every story was told once."""
    shop = STORIES["place"].shop(url, folder)
    await shop.database.start()
    await require_tables(shop, "upgrade")
    await drained(shop)
    for name in TOLD:
        story = STORIES[name]
        story.guest = f"guest-of-{name}"
        known = await begun(story, shop)
        if name == "expire":
            shop.clock.advance(timedelta(minutes=16))
        await story.tell(shop, known)
        await drained(shop)
    await logged_in(shop, "guest-9", await code_for(shop))
    await filled_cart(shop, "guest-10", cup=1)
    await shop.database.stop()


async def begun(story, shop):
    """Prepare a story in a shop where others were told before."""
    for sku in ("tea", "cup"):
        found = await shop.database.fetch("SELECT 1 FROM catalogue_skus WHERE code = $1", sku)
        if not found:
            await Seller(shop).product(sku, stock=50)
    return await story.begin(shop)


def dump_sqlite(file: Path) -> str:
    with closing(sqlite3.connect(file)) as open_:
        return "\n".join(open_.iterdump())


def dump_postgres(url: str) -> str:
    program = next(each / "pg_dump" for each in installations() if (each / "pg_dump").exists())
    host = parse_qs(urlsplit(url).query)["host"][0]
    done = subprocess.run(
        [program, "-h", host, "-U", "postgres", "--inserts", "-Ox", "-n", "public", "postgres"],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    return "\n".join(
        line for line in done.stdout.splitlines() if line and not line.startswith(_OURS)
    )


def main(release: str) -> None:
    with tempfile.TemporaryDirectory() as place, throw_away_server() as url:
        folder = Path(place)
        asyncio.run(lived(f"sqlite:///{folder / 'shop.db'}", folder))
        (folder / "outside.json").unlink()
        asyncio.run(lived(url, folder))
        kept = {"sqlite": dump_sqlite(folder / "shop.db"), "postgresql": dump_postgres(url)}
    for engine, text in kept.items():
        file = HERE / "golden" / f"{release}.{engine}.sql.gz"
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(gzip.compress(text.encode(), mtime=0))


if __name__ == "__main__":
    main(sys.argv[1])
