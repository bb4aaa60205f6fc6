"""PostgreSQL's spelling becomes SQLite's, and nothing inside quotes is touched."""

import pytest

from jishi.db.translate import to_sqlite

MEMBERS = "(SELECT value FROM json_each(?1))"


@pytest.mark.parametrize(
    ("written", "run"),
    [
        ("SELECT $1, $12", "SELECT ?1, ?12"),
        ("a = ANY($1)", f"a IN {MEMBERS}"),
        ("a=any ( $1::text[] )", f"a IN {MEMBERS}"),
        ("a <> ALL($1)", f"a NOT IN {MEMBERS}"),
        ("a != ALL($1::bigint[])", f"a NOT IN {MEMBERS}"),
        ("SELECT a FROM t FOR UPDATE", "SELECT a FROM t "),
        ("SELECT a FROM t FOR UPDATE OF t SKIP LOCKED", "SELECT a FROM t "),
        ("SELECT a FROM t FOR UPDATE OF t, u NOWAIT", "SELECT a FROM t "),
        ("SELECT a FROM t for no key update", "SELECT a FROM t "),
        ("SELECT a FROM t FOR SHARE", "SELECT a FROM t "),
        ("(SELECT a FROM t FOR UPDATE) UNION x", "(SELECT a FROM t ) UNION x"),
        ("$1::bigint + a::text", "?1 + a"),
        ("a::timestamp with time zone, b", "a, b"),
        ("a::varchar(20) AS b", "a AS b"),
        ("a::text[] = b", "a = b"),
        ("a ILIKE $1", "a LIKE ?1"),
        ("'$1::text = ANY($2) FOR UPDATE'", "'$1::text = ANY($2) FOR UPDATE'"),
        ("'it''s $1' || $1", "'it''s $1' || ?1"),
        ('"a::b $1" = $1', '"a::b $1" = ?1'),
        ("a -- $1 is it's\n= $1", "a -- $1 is it's\n= ?1"),
        ("a /* $1\n'::x */ = $1", "a /* $1\n'::x */ = ?1"),
        ("SELECT a FROM before_update", "SELECT a FROM before_update"),
        ("CAST(sum(a) AS BIGINT)", "CAST(sum(a) AS BIGINT)"),
    ],
)
def test_a_rule(written: str, run: str) -> None:
    assert to_sqlite(written) == run
