"""Who owns tables, and in which order their migrations come."""

import importlib
import pkgutil
import re
from collections.abc import Sequence
from graphlib import CycleError, TopologicalSorter

import msgspec

from jishi.db.errors import DatabaseError
from jishi.db.operations import Operation

_NAME = re.compile(r"m\d{4}_\w+")


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who owns tables.

    Attributes:
        name: The room or plugin; recorded with each of its migrations, so it never changes.
        package: The importable package of its modules ``m0001_initial.py``, each with an
            ``OPERATIONS: tuple[Operation, ...]``.
        after: Names of sources whose tables ours refer to.
    """

    name: str
    package: str
    after: tuple[str, ...] = ()


class Migration(msgspec.Struct, frozen=True, kw_only=True):
    """One module of a source.

    Attributes:
        source: Whose tables.
        module: Its name, ``m0001_initial``.
        package: Where it is imported from.
    """

    source: str
    module: str
    package: str

    def operations(self) -> tuple[Operation, ...]:
        """What it does."""
        found = importlib.import_module(f"{self.package}.{self.module}")
        return tuple(found.OPERATIONS)


def modules_of(source: Source) -> list[Migration]:
    """The migrations of one source by their numbers."""
    package = importlib.import_module(source.package)
    names = sorted(one.name for one in pkgutil.iter_modules(package.__path__))
    names = [name for name in names if _NAME.fullmatch(name)]
    numbers = [name[:5] for name in names]
    if len(set(numbers)) != len(numbers):
        raise DatabaseError(f"{source.package} has two migrations of one number: {names}")
    return [Migration(source=source.name, module=name, package=source.package) for name in names]


def in_order(sources: Sequence[Source]) -> list[Source]:
    """Sources such that each comes after those it names; the same order every time."""
    by_name = {source.name: source for source in sources}
    if len(by_name) != len(sources):
        raise DatabaseError("two sources of migrations have the same name")
    sorter: TopologicalSorter[str] = TopologicalSorter()
    for source in sources:
        if strangers := sorted(set(source.after) - by_name.keys()):
            raise DatabaseError(f"the tables of {source.name} need {strangers}, not switched on")
        sorter.add(source.name, *source.after)
    try:
        sorter.prepare()
    except CycleError as error:
        raise DatabaseError(f"tables wait for each other in a circle: {error.args[1]}") from error
    ordered: list[Source] = []
    while sorter.is_active():
        ready = sorted(sorter.get_ready())
        ordered.extend(by_name[name] for name in ready)
        sorter.done(*ready)
    return ordered
