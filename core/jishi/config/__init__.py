"""What the merchant wrote in jishi.toml: found, checked and frozen.

```
Problem
└── ConfigProblem    everything that is wrong with the file, with lines and next steps
```
"""

from jishi.config.build import SECTIONS, Config
from jishi.config.edit import with_plugin, without_plugin, without_traces, write_whole
from jishi.config.form import form_of, values_of
from jishi.config.load import load_config, read_config, reread
from jishi.config.problems import ConfigProblem, Finding, did_you_mean
from jishi.config.secret import Secret
from jishi.config.settings import Described, Scope, describe, setting
from jishi.config.source import Source, variable_of
from jishi.config.structs import (
    PLUGINS_OWN,
    ChannelSettings,
    CheckoutSettings,
    DatabaseSettings,
    PluginsTable,
    ScopedPlugins,
    ServerSettings,
    ShopSettings,
    StoreSettings,
)

__all__ = [
    "PLUGINS_OWN",
    "SECTIONS",
    "ChannelSettings",
    "CheckoutSettings",
    "Config",
    "ConfigProblem",
    "DatabaseSettings",
    "Described",
    "Finding",
    "PluginsTable",
    "Scope",
    "ScopedPlugins",
    "Secret",
    "ServerSettings",
    "ShopSettings",
    "Source",
    "StoreSettings",
    "describe",
    "did_you_mean",
    "form_of",
    "load_config",
    "read_config",
    "reread",
    "setting",
    "values_of",
    "variable_of",
    "with_plugin",
    "without_plugin",
    "without_traces",
    "write_whole",
]
