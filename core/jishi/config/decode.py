"""Reads a toml table into a settings struct and finds everything that is wrong on the way."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar, cast, get_args, get_origin

import msgspec

from jishi.config.problems import Finding, did_you_mean
from jishi.config.secret import WRITTEN, Secret, find_secret
from jishi.config.shapes import choices, hides_secrets, is_struct, tagged
from jishi.config.wording import expected, members, plain, shown

T = TypeVar("T")


class FromEnvironment(str):
    """A value that an environment variable gave in place of the file."""

    __slots__ = ("variable",)

    def __new__(cls, text: str, variable: str) -> "FromEnvironment":
        """Keep the text together with the name of its variable."""
        made = super().__new__(cls, text)
        made.variable = variable
        return made

    variable: str


class _Bad:
    """Stands where a value could not be read; the finding says why."""


_BAD = _Bad()


class Decoder:
    """Reads one table and collects what is wrong with it.

    Args:
        folder: The build's folder; relative paths start there.
        environ: The environment that ``{ env = … }`` looks into.
    """

    def __init__(self, folder: Path, environ: Mapping[str, str]) -> None:
        self.findings: list[Finding] = []
        self._folder = folder
        self._environ = environ

    def read(
        self,
        table: Mapping[str, object],
        settings: type[T],
        at: str,
        origins: Mapping[str, str] | None = None,
    ) -> T | None:
        """Read a table into a settings struct.

        Args:
            table: The table as it stands in the toml.
            settings: The struct to make.
            at: The table's dotted path, for findings.
            origins: For keys that came from another table, that table's dotted path.

        Returns:
            The settings, or None when something was found.
        """
        before = len(self.findings)
        made = self._struct(table, settings, at, origins or {})
        return None if len(self.findings) > before else cast("T", made)

    def found(self, path: str, said: str) -> _Bad:
        """Note that something is wrong."""
        self.findings.append(Finding(path=path, said=said))
        return _BAD

    def _struct(
        self, table: object, struct: type[Any], at: str, origins: Mapping[str, str]
    ) -> object:
        if not isinstance(table, Mapping):
            return self._wrong(at, struct, table)
        fields = {field.encode_name: field for field in msgspec.structs.fields(struct)}
        tag = struct.__struct_config__.tag_field
        for key in table:
            if key not in fields and key != tag:
                place = _join(origins.get(key, at), key)
                self.found(place, f"unknown key{did_you_mean(key, fields)}")
        values: dict[str, object] = {}
        for key, field in fields.items():
            path = _join(origins.get(key, at), key)
            if key in table:
                values[field.name] = self._value(table[key], field.type, path)
            elif field.required:
                self.found(path, f"missing; {_how(field.type)}")
                values[field.name] = _BAD
        if any(value is _BAD for value in values.values()):
            return _BAD
        try:
            return struct(**values)
        except (TypeError, ValueError) as error:
            return self.found(at, str(error))

    def _value(self, value: object, hint: object, path: str) -> object:
        allowed = members(hint)
        if len(allowed) > 1 or allowed[0] is not hint:
            return self._union(value, hint, allowed, path)
        bare = plain(hint)
        if bare is object:
            return value
        if bare is Secret:
            return self._secret(value, path)
        if bare is Path:
            return (
                self._folder / value if isinstance(value, str) else self._wrong(path, hint, value)
            )
        if is_struct(bare):
            return self._struct(value, bare, path, {})
        if get_origin(bare) in (list, tuple):
            return self._list(value, hint, path)
        if get_origin(bare) is dict:
            return self._table(value, hint, path)
        return self._leaf(value, hint, path)

    def _union(
        self, value: object, hint: object, allowed: tuple[object, ...], path: str
    ) -> object:
        if len(allowed) == 1:
            return self._value(value, allowed[0], path)
        structs = [member for member in allowed if is_struct(member)]
        if isinstance(value, Mapping) and structs:
            return self._value(value, tagged(value, structs), path)
        return self._leaf(value, hint, path)

    def _list(self, value: object, hint: object, path: str) -> object:
        bare = plain(hint)
        if isinstance(value, FromEnvironment):
            parts = [part.strip() for part in value.split(",") if part.strip()]
            value = [FromEnvironment(part, value.variable) for part in parts]
        if not isinstance(value, list):
            return self._wrong(path, hint, value)
        item = get_args(bare)[0]
        read = [self._value(each, item, f"{path}[{n}]") for n, each in enumerate(value)]
        if any(each is _BAD for each in read):
            return _BAD
        return tuple(read) if get_origin(bare) is tuple else read

    def _table(self, value: object, hint: object, path: str) -> object:
        if not isinstance(value, Mapping):
            return self._wrong(path, hint, value)
        word, item = get_args(plain(hint))
        read: dict[object, object] = {}
        for key, each in value.items():
            at = _join(path, key)
            read[self._leaf(key, word, at)] = self._value(each, item, at)
        if _BAD in read:
            return _BAD
        return _BAD if any(each is _BAD for each in read.values()) else read

    def _leaf(self, value: object, hint: object, path: str) -> object:
        lax = isinstance(value, FromEnvironment)
        try:
            return msgspec.convert(str(value) if lax else value, hint, strict=not lax)
        except msgspec.ValidationError:
            return self._wrong(path, hint, value)

    def _secret(self, value: object, path: str) -> object:
        try:
            if isinstance(value, FromEnvironment):
                return Secret(value)
            return find_secret(value, self._folder, self._environ)
        except LookupError as error:
            return self.found(path, str(error.args[0]))

    def _wrong(self, path: str, hint: object, value: object) -> _Bad:
        given = f" (from {value.variable})" if isinstance(value, FromEnvironment) else ""
        if hides_secrets(hint):
            return self.found(path, f"expected {expected(hint)}, found something else{given}")
        meant = did_you_mean(value, choices(hint)) if isinstance(value, str) else ""
        return self.found(path, f"expected {expected(hint)}, found {shown(value)}{given}{meant}")


def _join(at: str, key: str) -> str:
    return f"{at}.{key}" if at else key


def _how(hint: object) -> str:
    if any(plain(member) is Secret for member in members(hint)):
        return WRITTEN
    return f"expected {expected(hint)}"
