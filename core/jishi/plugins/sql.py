"""The statements about plugins."""

NOTICES = """
SELECT plugin, hook, process, state, why, since_at, until_at FROM plugins_notices
WHERE state = 'open' OR until_at > $1
"""

SAY = """
INSERT INTO plugins_notices (plugin, hook, process, state, why, since_at, until_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (plugin, hook, process) DO UPDATE SET
  state = excluded.state, why = excluded.why, until_at = excluded.until_at
"""

UNSAY = "DELETE FROM plugins_notices WHERE plugin = $1 AND hook = $2 AND process = $3"

FORGET = "DELETE FROM plugins_notices WHERE until_at < $1"
"""Notices of processes that are gone, and of breakers that nobody asked about since."""

PARDON = "DELETE FROM plugins_notices WHERE plugin = $1"

BURY = """
INSERT INTO plugins_tombstones (plugin, version, data, removed_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (plugin) DO UPDATE SET
  version = excluded.version, data = excluded.data, removed_at = excluded.removed_at
"""

EXHUME = "DELETE FROM plugins_tombstones WHERE plugin = $1"
