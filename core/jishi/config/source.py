"""Where a configuration came from: its file, its folder and the environment around it."""

from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar, cast

import msgspec

from jishi.config.decode import Decoder, FromEnvironment
from jishi.config.lines import line_of
from jishi.config.problems import ConfigProblem, Finding, did_you_mean
from jishi.config.wording import members, plain

S = TypeVar("S", bound=msgspec.Struct)


class Source:
    """The raw tables of a build and what is needed to read them.

    Args:
        folder: The build's folder; relative paths start there.
        tables: The top-level tables as they stand in the file.
        text: The file's text, to find the lines of errors.
        name: What the file is called in messages.
        environ: The environment, for overrides and ``{ env = … }``.
    """

    def __init__(
        self,
        folder: Path | None = None,
        *,
        tables: Mapping[str, object] | None = None,
        text: str = "",
        name: str = "jishi.toml",
        environ: Mapping[str, str] | None = None,
    ) -> None:
        self.folder = folder or Path.cwd()
        self.tables = tables or {}
        self.text = text
        self.name = name
        self.environ = environ or {}
        self._sections: dict[tuple[str, type[msgspec.Struct]], object] = {}

    def __repr__(self) -> str:
        return f"Source({self.name})"

    def read(
        self,
        table: Mapping[str, object],
        settings: type[S],
        at: str,
        origins: Mapping[str, str] | None = None,
    ) -> S:
        """Read one table into a settings struct.

        Args:
            table: The table as it stands in the file.
            settings: The struct to make.
            at: The table's dotted path; the environment may override ``JISHI_<PATH>_<KEY>``.
            origins: For keys that came from another table, that table's dotted path; the
                environment does not override these.

        Raises:
            ConfigProblem: Something in the table cannot be used; it lists all of it.
        """
        decoder = Decoder(self.folder, self.environ)
        origins = origins or {}
        values = self.overridden(table, settings, at) | {key: table[key] for key in origins}
        made = decoder.read(values, settings, at, origins)
        misspelt = self.misspelt(settings, at)
        if made is None or misspelt:
            raise self.problem([*decoder.findings, *misspelt])
        return made

    def section(self, name: str, settings: type[S]) -> S:
        """Read a top-level table; a second time gives the same settings.

        Raises:
            ConfigProblem: The table cannot be used; it lists everything that is wrong.
        """
        if (name, settings) not in self._sections:
            table = self.tables.get(name, {})
            if not isinstance(table, Mapping):
                said = f"expected a table [{name}], found a value"
                raise self.problem([Finding(path=name, said=said)])
            self._sections[name, settings] = self.read(table, settings, name)
        return cast("S", self._sections[name, settings])

    def overridden(
        self, table: Mapping[str, object], settings: type[msgspec.Struct], at: str
    ) -> dict[str, object]:
        """The table with what the environment says instead; an empty variable says nothing."""
        values = dict(table)
        for field in msgspec.structs.fields(settings):
            variable = variable_of(at, field.encode_name)
            if self.environ.get(variable) and _is_plain(field.type):
                values[field.encode_name] = FromEnvironment(self.environ[variable], variable)
        return values

    def misspelt(self, settings: type[msgspec.Struct], at: str) -> list[Finding]:
        """Variables that almost are the name of a setting in a top-level table.

        What resembles no setting is left alone: platforms set variables of their own. Below
        ``plugins``, one plugin's name may begin with another's, so that nothing can be told.
        """
        if "." in at or at == "plugins":
            return []
        fields = msgspec.structs.fields(settings)
        known = [variable_of(at, field.encode_name) for field in fields]
        prefix = variable_of(at, "")
        keys = [variable.removeprefix(prefix) for variable in known]
        said = []
        for variable in sorted(self.environ):
            if not variable.startswith(prefix) or variable in known or variable in self.text:
                continue
            if hint := did_you_mean(variable.removeprefix(prefix), keys):
                right = hint.replace("'", f"'{prefix}", 1)
                said.append(Finding(path=variable, said=f"no setting has this variable{right}"))
        return said

    def problem(self, findings: list[Finding]) -> ConfigProblem:
        """The findings as one error, each with its line, in the file's order."""
        placed = [
            msgspec.structs.replace(finding, line=line_of(finding.path, self.text))
            for finding in findings
            if finding.line is None
        ]
        settled = [finding for finding in findings if finding.line is not None]
        return ConfigProblem(self.name, sorted(settled + placed, key=lambda f: f.line or 0))


def variable_of(at: str, key: str) -> str:
    """The environment variable of a setting: ``server.port`` is ``JISHI_SERVER_PORT``."""
    return "JISHI_" + f"{at}_{key}".replace(".", "_").replace("-", "_").upper()


def _is_plain(hint: object) -> bool:
    """Whether one text can say it: no tables, no lists of tables."""
    bare = [plain(member) for member in members(hint)]
    inner = [plain(arg) for each in bare for arg in getattr(each, "__args__", ())]
    return not any(_is_table(each) for each in (*bare, *inner))


def _is_table(hint: object) -> bool:
    if getattr(hint, "__origin__", hint) is dict:
        return True
    return isinstance(hint, type) and issubclass(hint, msgspec.Struct)
