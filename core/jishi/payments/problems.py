"""What can go wrong with payments.

```
Problem
├── NotFound
│   └── NoGateway           no such gateway, or not in this channel
├── Clash
│   ├── NothingCovered      the purse has nothing for this order
│   ├── NothingToPay        the order is paid, or over
│   └── PaymentRefused      the gateway said no; nothing happened
├── TooMany
│   └── AskedTooSoon        a payment may be looked up every few seconds
└── OutOfService
    └── PaymentUnknown      nobody knows whether the gateway has done it
```
"""

from jishi.problems import Clash, NotFound, OutOfService, TooMany


class NoGateway(NotFound):
    """No such gateway, or no such method in this channel."""

    code = "no_such_gateway"
    title = "One cannot pay this way here"


class NothingCovered(Clash):
    """The purse has nothing for this order."""

    code = "nothing_covered"
    title = "Nothing can be paid this way"


class NothingToPay(Clash):
    """The order is paid, or over."""

    code = "nothing_to_pay"
    title = "There is nothing to pay"


class PaymentRefused(Clash):
    """The gateway said no; nothing happened."""

    code = "payment_refused"
    title = "The payment was refused"


class AskedTooSoon(TooMany):
    """A payment may be looked up every few seconds only."""

    code = "asked_too_soon"
    title = "Ask again in a few seconds"


class PaymentUnknown(OutOfService):
    """Nobody knows whether the gateway has done it."""

    code = "payment_unknown"
    title = "The payment service does not answer"
