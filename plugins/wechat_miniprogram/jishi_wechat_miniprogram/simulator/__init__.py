"""WeChat's servers for mini programs, to develop against: real messages, invented people.

Run it with ``python -m jishi_wechat_miniprogram.simulator``. WeChat has test accounts, but none
that can be told to fail, to expire a token, or to hold money back.
"""

from jishi_wechat_miniprogram.simulator.app import make_app
from jishi_wechat_miniprogram.simulator.postman import Letter, greeting, seal, write
from jishi_wechat_miniprogram.simulator.process import Running, running_simulator
from jishi_wechat_miniprogram.simulator.world import (
    App,
    Payment,
    PushPlace,
    Terms,
    User,
    World,
)

__all__ = [
    "App",
    "Letter",
    "Payment",
    "PushPlace",
    "Running",
    "Terms",
    "User",
    "World",
    "greeting",
    "make_app",
    "running_simulator",
    "seal",
    "write",
]
