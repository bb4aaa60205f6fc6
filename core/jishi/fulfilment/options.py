"""Which ways of delivery there are for a consignment, and what they cost."""

from jishi.fulfilment.structs import Consignment, DeliveryOption
from jishi.hookspecs.fulfilment import offer_delivery
from jishi.plugins import Where
from jishi.problems import Invalid
from jishi.shop import Shop


class DeliveryNotOffered(Invalid):
    """The way of delivery cannot be had for these goods at this address."""

    code = "delivery_not_offered"
    title = "This delivery is not offered here"


async def delivery_options(shop: Shop, consignment: Consignment) -> tuple[DeliveryOption, ...]:
    """Every way to deliver a consignment, in the merchant's order of plugins.

    Raises:
        HookFailed: A plugin failed or offered something that cannot be an option: no wrong fee.
    """
    where = Where(channel=consignment.channel, store=consignment.store)
    answers = shop.hooks.ask(offer_delivery, where, consignment=consignment)
    options: dict[str, DeliveryOption] = {}
    for answer in answers:
        owner = answer.plugin.split("@", 1)[0]
        for option in answer.value:
            if wrong := _wrong(owner, option):
                raise shop.hooks.blame(answer.plugin, offer_delivery, wrong)
            options.setdefault(option.code, option)
    return tuple(options.values())


def _wrong(owner: str, option: object) -> str:
    """What is wrong with an option: it carries its plugin's name and a fee that can be paid."""
    if not isinstance(option, DeliveryOption):
        return f"{option!r:.200} is no DeliveryOption"
    if option.code != owner and not option.code.startswith(f"{owner}:"):
        return f"the option {option.code!r} must be called {owner!r} or start with '{owner}:'"
    if type(option.fee) is not int or option.fee < 0:
        return f"{option.code!r} costs {option.fee!r}; expected a whole number of fen, at least 0"
    return ""
