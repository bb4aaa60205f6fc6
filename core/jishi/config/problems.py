"""What can be wrong with a build's configuration: every finding of a file at once."""

import difflib
from collections.abc import Iterable, Sequence

import msgspec

from jishi.problems import Problem


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is wrong in a configuration.

    Attributes:
        path: The key's dotted path, for instance ``server.port``; empty for the whole file.
        said: What is wrong, what was expected and the next step; never a secret's value.
        line: The line of the file, counted from 1; None when it is not known.
    """

    path: str
    said: str
    line: int | None = None


class ConfigProblem(Problem):
    """A configuration that cannot be used; it lists everything that is wrong with it.

    Args:
        source: The file, as a person would name it.
        findings: At least one thing that is wrong.
    """

    code = "config"
    status = 500
    title = "The configuration cannot be used"

    def __init__(self, source: str, findings: Sequence[Finding]) -> None:
        self.source = source
        self.findings = tuple(findings)
        super().__init__("\n".join(self.sentences()))

    def sentences(self) -> list[str]:
        """One line per finding: file, line, key, what is wrong."""
        return [_sentence(self.source, finding) for finding in self.findings]


def _sentence(source: str, finding: Finding) -> str:
    place = f"{source}:{finding.line}" if finding.line else source
    return (
        f"{place}: {finding.path}: {finding.said}" if finding.path else f"{place}: {finding.said}"
    )


def did_you_mean(word: str, known: Iterable[str], otherwise: str = "") -> str:
    """The end of a sentence that names the closest known word, or nothing.

    Args:
        word: What somebody wrote.
        known: What could have been meant.
        otherwise: How the sentence ends when nothing is close.

    Returns:
        ``; did you mean 'name'?`` or the other end.
    """
    close = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"; did you mean {close[0]!r}?" if close else otherwise
