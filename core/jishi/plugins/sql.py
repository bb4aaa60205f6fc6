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

SAVED = "SELECT plugin, said, version FROM plugins_settings ORDER BY plugin"

SAVED_OF = "SELECT plugin, said, version FROM plugins_settings WHERE plugin = $1"

FIRST_SAVED = """
INSERT INTO plugins_settings (plugin, said, version, changed_at) VALUES ($1, $2, 1, $3)
ON CONFLICT (plugin) DO NOTHING
"""

SAVE = """
UPDATE plugins_settings SET said = $2, version = version + 1, changed_at = $3
WHERE plugin = $1 AND version = $4
"""

FORGET_SAVED = "DELETE FROM plugins_settings WHERE plugin = $1"

EXHUME = "DELETE FROM plugins_tombstones WHERE plugin = $1"
