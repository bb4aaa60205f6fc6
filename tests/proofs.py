"""Which test proves which bar: the table of docs/operators/reliability.md, made of the marks."""

import ast
from collections.abc import Iterator
from pathlib import Path

TESTS = Path(__file__).parent


def proofs() -> str:
    """A Markdown table: every bar, what it says, and the tests that carry its mark."""
    found: dict[str, dict[str, list[str]]] = {bar: {} for bar in bars()}
    for file in sorted(TESTS.rglob("test_*.py")):
        name = file.relative_to(TESTS).as_posix()
        for bar, test in _marked(ast.parse(file.read_text("utf-8"))):
            found.setdefault(bar, {}).setdefault(name, []).append(test)
    rows = [
        f"| {bar} | {bars().get(bar, '')} | {'<br>'.join(map(_cell, tests.items())) or 'none'} |"
        for bar, tests in sorted(found.items())
    ]
    return "\n".join(["| bar | what must hold | proved by |", "|---|---|---|", *rows])


def _cell(proof: tuple[str, list[str]]) -> str:
    file, tests = proof
    named = [test for test in dict.fromkeys(tests) if test]
    return f"`{file}`: {'; '.join(named)}" if named else f"`{file}`"


def bars() -> dict[str, str]:
    """The bars and what they say, as `test_bars.py` lists them."""
    for node in ast.parse((TESTS / "test_bars.py").read_text("utf-8")).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "BARS":
            return dict(ast.literal_eval(node.value))
    raise LookupError("test_bars.py has no BARS any more")


def _marked(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Bars and the test that carries them; no test where a whole file does."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            words = node.name.removeprefix("test_").replace("_", " ")
            for bar in {bar: None for mark in node.decorator_list for bar in _bars_in(mark)}:
                yield bar, words
        else:
            for bar in _bars_in(node):
                yield bar, ""


def _bars_in(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("mark.bar"):
            yield from (str(each.value) for each in node.args if isinstance(each, ast.Constant))
