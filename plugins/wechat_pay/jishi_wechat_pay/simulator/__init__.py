"""A WeChat Pay to develop against: real messages and signatures, invented money.

Run it with ``python -m jishi_wechat_pay.simulator``; merchants cannot test against WeChat itself,
which offers no sandbox for API v3.
"""

from jishi_wechat_pay.simulator.app import make_app
from jishi_wechat_pay.simulator.deliveries import RETRY_AFTER
from jishi_wechat_pay.simulator.faults import AnswerFaults, Faults, NoticeFaults
from jishi_wechat_pay.simulator.keys import Keys, keep_keys, make_keys, private_pem, public_pem
from jishi_wechat_pay.simulator.process import Running, running_simulator
from jishi_wechat_pay.simulator.world import Terms, World

__all__ = [
    "RETRY_AFTER",
    "AnswerFaults",
    "Faults",
    "Keys",
    "NoticeFaults",
    "Running",
    "Terms",
    "World",
    "keep_keys",
    "make_app",
    "make_keys",
    "private_pem",
    "public_pem",
    "running_simulator",
]
