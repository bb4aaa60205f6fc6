"""What events make of messages: whom an event concerns, and what there is to say about it."""

from collections.abc import Sequence

from jishi.events import Happened
from jishi.membership import member_ids
from jishi.orders import Order, find_order, shipments_of
from jishi_wechat_miniprogram.account import Account
from jishi_wechat_miniprogram.tell_member import News, tell_member
from jishi_wechat_miniprogram.wording import told, words_of_data, words_of_order


async def hear(account: Account, happened: Happened) -> None:
    """Tell everybody whom an event concerns.

    Of the core's ``order.…`` events the order is told. Another plugin's event says in its data
    whom it concerns: ``member`` or ``members``, or ``order`` or ``orders``.

    Raises:
        Busy: WeChat has no time; the job comes again, and nobody is told twice.
        NotReached: The same.
    """
    if happened.name.startswith("order."):
        orders = [await find_order(account.shop.database, happened.subject)]
    else:
        orders = [
            await find_order(account.shop.database, each)
            for each in _listed(happened.data, "order", "orders")
        ]
    for order in orders:
        await _tell_of_order(account, happened, order)
    members = _listed(happened.data, "member", "members") if not orders else ()
    for member in dict.fromkeys([await _now(account, each) for each in members]):
        await tell_member(account, _news(account, happened, member, _channel(happened), {}))


async def _tell_of_order(account: Account, happened: Happened, order: Order) -> None:
    if order.member is None:
        return
    shipments = await shipments_of(account.shop.database, order.id)
    words = words_of_order(order, shipments)
    member = await _now(account, order.member)
    await tell_member(account, _news(account, happened, member, order.channel, words))


async def _now(account: Account, member: str) -> str:
    """Who a member is after all merges: he is told once, under whichever id an event knows him."""
    return (await member_ids(account.shop.database, member))[0]


def _news(
    account: Account, happened: Happened, member: str, channel: str, words: dict[str, str]
) -> News:
    moment = told(happened.at or account.desk.now())
    name = account.shop.config.shop.name
    said = {"shop": name, "time": moment, **words_of_data(happened.data), **words}
    return News(event=happened.name, key=happened.key, member=member, channel=channel, words=said)


def _listed(data: dict[str, object], one: str, many: str) -> Sequence[str]:
    found = data.get(many, data.get(one))
    listed = found if isinstance(found, list | tuple) else (found,)
    return tuple(dict.fromkeys(each for each in listed if isinstance(each, str) and each))


def _channel(happened: Happened) -> str:
    channel = happened.data.get("channel")
    return channel if isinstance(channel, str) else ""
