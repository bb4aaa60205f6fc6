"""What is stored about plugins names no people."""

from jishi.personal import impersonal

PERSONAL = (
    impersonal("plugins_notices", "breakers and quarantines", key=("plugin", "hook", "process")),
    impersonal("plugins_settings", "settings of plugins", key=("plugin",)),
    impersonal("plugins_tombstones", "plugins that were uninstalled", key=("plugin",)),
)
"""Every table of the room."""
