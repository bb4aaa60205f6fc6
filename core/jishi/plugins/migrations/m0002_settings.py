"""What staff saved of the settings of plugins."""

from jishi.db import BigInt, Table, Text, Timestamptz, create_table


class SettingsTable(Table, tablename="plugins_settings"):
    """A JSON object for each plugin, never with a secret in it."""

    plugin = Text(primary_key=True)
    said = Text()
    version = BigInt()
    changed_at = Timestamptz()


OPERATIONS = (create_table(SettingsTable),)
