"""Each bar of reliability has a test that proves it, so a lost proof is noticed."""

import ast
from collections.abc import Iterator
from pathlib import Path

TESTS = Path(__file__).parent
BARS = {
    "B01": "500 buyers, 100 units: 100 paid orders, clean refusals",
    "B02": "the same while the server is killed",
    "B03": "the same while PostgreSQL's connections or PostgreSQL itself are killed",
    "B04": "the answer to COMMIT is lost: nothing twice, nothing lost",
    "B05": "the database is a black hole for a while: answers in time, pool recovers",
    "B06": "one Idempotency-Key, fifty at once: one effect",
    "B07": "the key with another body: 422, no effect",
    "B08": "killed between effect and answer: the key gives the same order",
    "B09": "a refused request leaves its key unused",
    "B10": "a notice a hundred times: paid once, never backwards",
    "B11": "a notice changed in any way: no state changes, the right 4xx",
    "B12": "no notice at all: paid by asking the gateway",
    "B13": "paid around expiry: never oversold, late money back once",
    "B15": "points and stored value: thousands of moves at once, conserved to the fen",
    "B16": "group buys killed while they settle: full teams only, everybody else paid back once",
    "B17": "a storm over a cart: acknowledged edits are there",
    "B19": "events reach their listeners however often the process is killed",
    "B20": "killed at every await: nothing is half",
    "B21": "seeds of virtual time and accidents: no violation, a planted fault is found",
    "B22": "each guard has a race that fails without it",
    "B23": "golden databases upgrade whole, once; newer ones are refused",
    "B24": "the OpenAPI file holds under fuzzing",
    "B25": "nobody reaches what is somebody else's",
    "B26": "no field of a request decides what it must not",
    "B27": "no outgoing request reaches a private address",
    "B28": "bad plugins hurt nobody else",
    "B29": "floods are refused before memory grows",
    "B30": "stopped under load: what was begun is finished",
    "B32": "a backup made under load restores to a sound shop",
}


def marks(tree: ast.AST) -> Iterator[str]:
    """The numbers in every ``pytest.mark.bar(...)`` of a file."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("mark.bar"):
            for each in node.args:
                if isinstance(each, ast.Constant):
                    yield str(each.value)


def test_every_bar_has_a_proof():
    proved = {
        bar
        for file in TESTS.rglob("test_*.py")
        for bar in marks(ast.parse(file.read_text("utf-8")))
    }
    assert sorted(set(BARS) - proved) == []
    assert sorted(proved - set(BARS)) == [], "a bar that nobody described here"


def test_a_lost_proof_is_noticed():
    tree = ast.parse("@pytest.mark.bar('B01', 'B02')\ndef test_it(): ...\n")
    assert set(marks(tree)) == {"B01", "B02"}
