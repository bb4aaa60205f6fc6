"""The ledger's statements, each for any number of accounts at once."""

from functools import lru_cache

from jishi.db import values_list

LOCK = """
SELECT id, balance, held, floor FROM ledger_accounts WHERE id = ANY($1) ORDER BY id FOR UPDATE
"""

HOLD_ACCOUNTS = "SELECT account FROM ledger_holds WHERE key = ANY($1)"

_HOLDS = "SELECT key, account, amount, owner, state, ended_key FROM ledger_holds WHERE "

# One look, but no OR: PostgreSQL would scan the whole table for that.
KNOWN = f"""
{_HOLDS} key = ANY($1)
UNION ALL {_HOLDS} ended_key = ANY($2)
UNION ALL SELECT key, account, amount, operation, 'entry', NULL FROM ledger_entries
WHERE key = ANY($3)
"""  # noqa: S608 our own columns
"""Holds by their own keys and by the keys that ended them, then entries: of these the operation
stands in the owner's place and the state is ``entry``."""

GUARD = "AND a.balance + d.balance - a.held - d.held >= a.floor AND a.held + d.held >= 0"


@lru_cache(64)
def move(rows: int, guard: str = GUARD) -> str:
    """Change balances: (account, change of balance, change of held) per row.

    Rows that would break a rule are left out, so the number of rows touched tells.
    """
    return f"""
UPDATE ledger_accounts AS a SET balance = a.balance + d.balance, held = a.held + d.held
FROM (
  WITH d(id, balance, held) AS (VALUES {values_list(rows, "text", "bigint", "bigint")})
  SELECT * FROM d
) AS d WHERE a.id = d.id {guard}
"""  # noqa: S608 made of placeholders


@lru_cache(64)
def end_holds(rows: int) -> str:
    """End live holds: (hold, state, operation key, now) per row."""
    return f"""
UPDATE ledger_holds AS h SET state = d.state, ended_key = d.ended_key, ended_at = d.ended_at
FROM (
  WITH d(key, state, ended_key, ended_at) AS (
    VALUES {values_list(rows, "text", "text", "text", "timestamptz")}
  )
  SELECT * FROM d
) AS d WHERE h.key = d.key AND h.state = 'held'
"""  # noqa: S608 made of placeholders


LAPSED = """
SELECT key, account, amount, owner, source FROM ledger_holds
WHERE state = 'held' AND expires_at <= $1 ORDER BY expires_at, key LIMIT $2
"""

LIVE_HOLDS = """
SELECT key, account, amount, owner, source FROM ledger_holds
WHERE state = 'held' AND key > $1 ORDER BY key LIMIT $2
"""

BALANCES = "SELECT balance, held, floor, id FROM ledger_accounts WHERE id = ANY($1)"

STATEMENT = """
SELECT id, operation, amount, key, reason, source, reference, entered_at FROM ledger_entries
WHERE account = $1 AND id < $2 ORDER BY id DESC LIMIT $3
"""

# Each recount is one statement, so it sees one moment even while the shop sells.

RECOUNTS = (
    """
SELECT 'balance', a.id, CAST(COALESCE(e.total, 0) AS BIGINT), a.balance
FROM ledger_accounts AS a
LEFT JOIN (SELECT account, sum(amount) AS total FROM ledger_entries GROUP BY account) AS e
  ON e.account = a.id
WHERE a.balance <> COALESCE(e.total, 0) ORDER BY a.id
""",
    """
SELECT 'held', a.id, CAST(COALESCE(h.total, 0) AS BIGINT), a.held
FROM ledger_accounts AS a
LEFT JOIN (
  SELECT account, sum(amount) AS total FROM ledger_holds WHERE state = 'held' GROUP BY account
) AS h ON h.account = a.id
WHERE a.held <> COALESCE(h.total, 0) ORDER BY a.id
""",
    """
SELECT 'floor', id, floor, balance - held FROM ledger_accounts
WHERE balance - held < floor ORDER BY id
""",
    """
SELECT 'account', lost.account, CAST(0 AS BIGINT), CAST(sum(lost.amount) AS BIGINT)
FROM (
  SELECT account, amount FROM ledger_entries
  UNION ALL SELECT account, amount FROM ledger_holds WHERE state = 'held'
) AS lost
WHERE NOT EXISTS (SELECT 1 FROM ledger_accounts AS a WHERE a.id = lost.account)
GROUP BY lost.account ORDER BY lost.account
""",
    """
SELECT 'post', h.key, -h.amount, CAST(COALESCE(e.amount, 0) AS BIGINT)
FROM ledger_holds AS h
LEFT JOIN ledger_entries AS e
  ON e.key = h.ended_key AND e.account = h.account AND e.operation = 'post'
WHERE h.state = 'posted' AND COALESCE(e.amount, 0) <> -h.amount ORDER BY h.key
""",
)
"""Rows of (kind, subject, expected, found); none in a ledger that is right."""
