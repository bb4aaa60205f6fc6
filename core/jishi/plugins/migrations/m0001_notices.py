"""What processes tell each other about plugins, and the plugins that were taken out."""

from jishi.db import Table, Text, Timestamptz, create_table, primary_key


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


class TombstoneTable(Table, tablename="plugins_tombstones"):
    """Plugins that were uninstalled, and what became of their data."""

    plugin = Text(primary_key=True)
    version = Text()
    data = Text()
    removed_at = Timestamptz()


OPERATIONS = (
    create_table(NoticeTable, constraints=[primary_key("plugin", "hook", "process")]),
    create_table(TombstoneTable),
)
