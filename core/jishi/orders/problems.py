"""What can go wrong with an order.

```
Problem
├── Clash
│   ├── OrderNotReady    the order is in a state where this cannot be done
│   ├── ShipmentRefused  a plugin objects to goods leaving the house
│   └── OrderBusy        too many others change it at this moment
└── Invalid
    ├── NotThatMany      more pieces than there are left to ship or to give back
    └── RefundTooMuch    more money than there is left to give back
```
"""

from jishi.problems import Clash, Invalid


class OrderNotReady(Clash):
    """The order is in a state where this cannot be done."""

    code = "order_not_ready"
    title = "The order is not in the right state"


class ShipmentRefused(Clash):
    """A plugin objects to goods leaving the house."""

    code = "shipment_refused"
    title = "The goods may not leave yet"


class OrderBusy(Clash):
    """Too many others change the order at this moment."""

    code = "order_busy"
    title = "The order is being changed"


class NotThatMany(Invalid):
    """More pieces than there are left."""

    code = "not_that_many"
    title = "The order does not have that many pieces left"


class RefundTooMuch(Invalid):
    """More money than there is left to give back."""

    code = "refund_too_much"
    title = "The order does not have that much money left"
