"""The way out: HTTP to addresses that somebody configured goes through this client and no other.

```
async with open_client(Reach(hosts=("api.example.com",))) as http:
    answer = await http.post("https://api.example.com/orders", json=...)
```

https only, no redirects, never to a private address however its name is written or resolved,
with an end to every answer's length and time. What the merchant has in his own networks he names
in `Reach.inside`.
"""

import httpx

from jishi.egress.addresses import is_public
from jishi.egress.reach import AnswerTooLarge, Reach, Refused
from jishi.egress.transport import Gate, Resolve, ask_system

__all__ = [
    "AnswerTooLarge",
    "Gate",
    "Reach",
    "Refused",
    "Resolve",
    "ask_system",
    "is_public",
    "open_client",
]


def open_client(reach: Reach, resolve: Resolve = ask_system) -> httpx.AsyncClient:
    """A client that goes no further than it may; whoever opens it closes it.

    Args:
        reach: How far it may go.
        resolve: Asks for a name's addresses; the system's resolver unless said otherwise.
    """
    return httpx.AsyncClient(
        transport=Gate(reach, resolve),
        timeout=httpx.Timeout(reach.seconds),
        headers={"accept-encoding": "identity"},
        follow_redirects=False,
        trust_env=False,
    )
