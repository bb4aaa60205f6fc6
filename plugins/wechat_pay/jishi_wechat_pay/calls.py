"""The calls a direct merchant makes, one function each, over a verified line.

Each raises `Refused` when nothing happened and `OutcomeUnknown` when WeChat must be asked again.
"""

from typing import TypeVar
from urllib.parse import quote

import msgspec

from jishi_wechat_pay.client import Client
from jishi_wechat_pay.messages import (
    CloseRequest,
    OrderAnswer,
    OrderKind,
    OrderRequest,
    Refund,
    RefundRequest,
    Transaction,
)
from jishi_wechat_pay.problems import OutcomeUnknown

_T = TypeVar("_T", bound=msgspec.Struct)

ORDERS = "/v3/pay/transactions"
REFUNDS = "/v3/refund/domestic/refunds"


async def place_order(client: Client, kind: OrderKind, request: OrderRequest) -> OrderAnswer:
    """Place an order; the same order may be placed again and gives a usable answer again."""
    return _read(await client.post(f"{ORDERS}/{kind}", request), OrderAnswer)


async def query_order(client: Client, mchid: str, out_trade_no: str) -> Transaction:
    """Ask how an order stands, by our own number."""
    target = f"{ORDERS}/out-trade-no/{quote(out_trade_no, safe='')}?mchid={mchid}"
    return _read(await client.get(target), Transaction)


async def close_order(client: Client, mchid: str, out_trade_no: str) -> None:
    """Close an unpaid order; closing it again does no harm."""
    target = f"{ORDERS}/out-trade-no/{quote(out_trade_no, safe='')}/close"
    await client.post(target, CloseRequest(mchid=mchid))


async def request_refund(client: Client, request: RefundRequest) -> Refund:
    """Send money back; repeats with the same number are one refund."""
    return _read(await client.post(REFUNDS, request), Refund)


async def query_refund(client: Client, out_refund_no: str) -> Refund:
    """Ask how a refund stands."""
    return _read(await client.get(f"{REFUNDS}/{quote(out_refund_no, safe='')}"), Refund)


def _read(body: bytes, kind: type[_T]) -> _T:
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.DecodeError as error:
        raise OutcomeUnknown(f"WeChat Pay's answer cannot be read: {error}") from error
