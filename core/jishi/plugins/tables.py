"""What is stored about plugins."""

from jishi.db import BigInt, Table, Text, Timestamptz


class NoticeTable(Table, tablename="plugins_notices"):
    """Open breakers, which all processes share, and quarantines, one per process."""

    id = None  # else there would be a serial one beside the key
    plugin = Text(primary_key=True)
    hook = Text()
    process = Text()
    state = Text()
    why = Text()
    since_at = Timestamptz()
    until_at = Timestamptz()


class SettingsTable(Table, tablename="plugins_settings"):
    """What staff saved of a plugin's settings: a JSON object, never with a secret in it."""

    plugin = Text(primary_key=True)
    said = Text()
    version = BigInt()
    changed_at = Timestamptz()


class TombstoneTable(Table, tablename="plugins_tombstones"):
    """Plugins that were uninstalled, and what became of their data: ``kept`` or ``purged``."""

    plugin = Text(primary_key=True)
    version = Text()
    data = Text()
    removed_at = Timestamptz()
