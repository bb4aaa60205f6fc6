"""Promises that every plugin of a kind keeps, to be tested where the plugin is.

```
class TestTenOff(PricingContract):
    plugin = TenOff
    settings = {"percent": 10}
```

runs all promises of a pricing plugin, in a shop with the plugin in it, on each database that there
is. A promise is never overridden. One that is known to be broken is named, with its reason, and
the day it is kept the test says so:

```
    broken = {"test_splitting_a_line_changes_nothing": "rounds every line, see our issue 7"}
```
"""

from jishi.testing.contracts.fulfilment import FulfilmentContract
from jishi.testing.contracts.payment import PaymentContract
from jishi.testing.contracts.plugin import PluginContract
from jishi.testing.contracts.pricing import PricingContract
from jishi.testing.contracts.promises import Promises
from jishi.testing.contracts.review import ReviewContract
from jishi.testing.contracts.till import TillContract

__all__ = [
    "FulfilmentContract",
    "PaymentContract",
    "PluginContract",
    "PricingContract",
    "Promises",
    "ReviewContract",
    "TillContract",
]
