"""What this process remembers of the catalogue, and when it forgets.

Every change of the catalogue bumps one number in the database. The process that wrote forgets at
once, after its commit; the others look at the number at most every half second and forget then.
What was read before a change began is never kept after it: a reading remembers the generation it
started in.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Coroutine, Iterable
from functools import partial
from hashlib import blake2b
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary, ref

import msgspec

from jishi.catalogue.structs import Sellable
from jishi.db import Database, Transaction

if TYPE_CHECKING:
    from jishi.catalogue.shelves import Shelves

LOOK_EVERY = 0.5
"""Seconds between two looks at the catalogue's number."""

LIFETIME = 5.0
"""Seconds after which a page is read again: stock that another process sold is not announced."""

PAGE_BYTES = 1_500
"""What a page costs beside its body: names, dates, places in the tables below; about."""

_VERSION = "SELECT version FROM catalogue_version WHERE name = 'catalogue'"
_BUMP = "UPDATE catalogue_version SET version = version + 1 WHERE name = 'catalogue'"


class Page(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A ready answer.

    Attributes:
        body: JSON.
        etag: Names exactly this body.
        length: Its bytes, in digits, as a header says it.
        products: Ids of the products in it.
        born: When it was read, by the monotonic clock, in seconds.
        route: The template of the address it answers.
    """

    body: bytes
    etag: bytes
    length: bytes
    products: frozenset[str]
    born: float
    route: str


Key = tuple[str, ...]
Read = Callable[[], Coroutine[object, object, tuple[bytes, frozenset[str]]]]


class Memory:
    """The catalogue as one process remembers it; one per database.

    Args:
        database: Where the catalogue is.
        most_bytes: How much memory the pages may take.
    """

    def __init__(self, database: Database, most_bytes: int = 32 * 1024 * 1024) -> None:
        self._database = ref(database)
        self._most_bytes = most_bytes
        self._version: int | None = None
        self._looked = 0.0
        self._generation = 0
        self._pages: OrderedDict[Key, Page] = OrderedDict()
        self._bytes = 0
        self._keys: dict[str, set[Key]] = {}
        self._reading: dict[Key, asyncio.Task[Page]] = {}
        self.sellables: dict[str, dict[str, Sellable]] = {}
        self.shelves: Shelves | None = None

    @property
    def generation(self) -> int:
        """Grows whenever everything was forgotten."""
        return self._generation

    async def look(self) -> None:
        """Forget everything if another process changed the catalogue."""
        now = time.monotonic()
        if now - self._looked < LOOK_EVERY:
            return
        database = self._database()
        if database is None:
            return
        self._looked = now
        version = await database.one_as(int, _VERSION)
        if version != self._version:
            if self._version is not None:
                self.forget()
            self._version = version

    def forget(self) -> None:
        """Forget everything."""
        self._generation += 1
        self._pages.clear()
        self._keys.clear()
        self._reading.clear()
        self.sellables = {}
        self.shelves = None
        self._bytes = 0

    def touch(self, products: Iterable[str]) -> None:
        """Forget the pages that show these products; their stock has changed."""
        for product in products:
            for key in list(self._keys.get(product, ())):
                self._drop(key)
        # What is being read right now may have been looked at before the change.
        self._reading.clear()

    def known(self, key: Key) -> Page | None:
        """A page from memory, if there is one and nobody has to look for changes first."""
        page = self._pages.get(key)
        if page is None:
            return None
        now = time.monotonic()
        if now - page.born >= LIFETIME or now - self._looked >= LOOK_EVERY:
            return None
        self._pages.move_to_end(key)
        return page

    async def page(self, key: Key, read: Read, route: str = "") -> Page:
        """A page from memory, or read once for everybody who waits for it.

        Args:
            key: Everything that the page depends on.
            read: Makes it.
            route: The template of the address it answers.
        """
        await self.look()
        page = self._pages.get(key)
        if page is not None and time.monotonic() - page.born < LIFETIME:
            self._pages.move_to_end(key)
            return page
        reading = self._reading.get(key)
        if reading is None:
            # A task of its own: a client that goes away must not take the others' answer along.
            reading = asyncio.create_task(self._read(read, route))
            self._reading[key] = reading
            reading.add_done_callback(partial(self._done, key))
        return await asyncio.shield(reading)

    async def _read(self, read: Read, route: str) -> Page:
        born = time.monotonic()
        body, products = await read()
        return Page(
            body=body,
            etag=f'"{blake2b(body, digest_size=12).hexdigest()}"'.encode(),
            length=str(len(body)).encode(),
            products=products,
            born=born,
            route=route,
        )

    def _done(self, key: Key, reading: "asyncio.Task[Page]") -> None:
        """Keep what was read, unless a change overtook the reading."""
        overtaken = self._reading.get(key) is not reading
        if not overtaken:
            del self._reading[key]
        if reading.cancelled() or reading.exception() is not None or overtaken:
            return
        self._keep(key, reading.result())

    def _keep(self, key: Key, page: Page) -> None:
        self._drop(key)
        if len(page.body) > self._most_bytes // 16:
            return
        self._pages[key] = page
        self._bytes += len(page.body) + PAGE_BYTES
        for product in page.products:
            self._keys.setdefault(product, set()).add(key)
        while self._bytes > self._most_bytes:
            self._drop(next(iter(self._pages)))

    def _drop(self, key: Key) -> None:
        page = self._pages.pop(key, None)
        if page is None:
            return
        self._bytes -= len(page.body) + PAGE_BYTES
        for product in page.products:
            keys = self._keys[product]
            keys.discard(key)
            if not keys:
                del self._keys[product]


_MEMORIES: WeakKeyDictionary[Database, Memory] = WeakKeyDictionary()


def memory_of(database: Database) -> Memory:
    """What this process remembers of a database's catalogue."""
    memory = _MEMORIES.get(database)
    if memory is None:
        memory = _MEMORIES[database] = Memory(database)
    return memory


def touch(database: Database, products: Iterable[str]) -> None:
    """Say that the stock of products has changed, once the change is in force.

    Cheap and synchronous: ``tx.after_commit(lambda: touch(shop.database, products))``.
    """
    memory_of(database).touch(products)


async def bump(tx: Transaction, database: Database) -> None:
    """Say, in the transaction that changes the catalogue, that it changes.

    Said first, it also keeps two changes from crossing each other.
    """
    await tx.execute(_BUMP)
    tx.after_commit(memory_of(database).forget)
