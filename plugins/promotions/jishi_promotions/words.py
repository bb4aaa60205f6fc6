"""What a rule says to the shopper, in the shop's language."""

from typing import Literal

from jishi_promotions.structs import (
    Benefit,
    Bundle,
    BuyGet,
    FixedPrice,
    FreeDelivery,
    Gift,
    NthItem,
    Percent,
    Reduction,
    Rule,
)

Language = Literal["zh", "en"]


def reason_of(rule: Rule, language: Language) -> str:
    """The sentence on the price's explanation: the merchant's own, or one from the benefit."""
    if rule.reason.strip():
        return rule.reason.strip()
    colon = "：" if language == "zh" else ": "
    said = _chinese(rule.benefit) if language == "zh" else _english(rule.benefit)
    return f"{rule.title.strip()}{colon}{said}"


def yuan(fen: int) -> str:
    """An amount as people write it: 10, 9.9, 0.05."""
    whole, rest = divmod(fen, 100)
    return f"{whole}.{rest:02d}".rstrip("0") if rest else str(whole)


def fold(off: int) -> str:
    """Basis points off as 折: 2000 off is 8 折, 1500 off is 8.5 折."""
    left = 10_000 - off
    whole, rest = divmod(left, 1000)
    return f"{whole}.{rest:03d}".rstrip("0") if rest else str(whole)


def percent(off: int) -> str:
    """Basis points as a percentage: 1500 is 15 %."""
    whole, rest = divmod(off, 100)
    return (f"{whole}.{rest:02d}".rstrip("0") if rest else str(whole)) + " %"


def _chinese(benefit: Benefit) -> str:
    match benefit:
        case Reduction(steps=steps, measure=measure, repeat=repeat):
            every = "每满" if repeat == "yes" else "满"
            return "，".join(
                f"{every} {_reach_zh(step.reach, measure)}减 {yuan(step.off)} 元" for step in steps
            )
        case Percent(steps=steps, measure=measure):
            return "，".join(
                (f"满 {_reach_zh(step.reach, measure)}" if step.reach else "")
                + f"{fold(step.off)} 折"
                for step in steps
            )
        case FixedPrice(price=price):
            return f"每件 {yuan(price)} 元"
        case NthItem(nth=nth, off=off):
            return f"第 {nth} 件{_off_zh(off)}"
        case BuyGet(buy=buy, get=get, off=off):
            return f"买 {buy} 件，{get} 件{_off_zh(off)}"
        case Bundle(price=price):
            return f"组合价 {yuan(price)} 元"
        case Gift(reach=reach, measure=measure):
            return f"满 {_reach_zh(reach, measure)}送赠品"
        case FreeDelivery(reach=reach, measure=measure, most=most):
            free = "免运费" if most is None else f"运费减 {yuan(most)} 元"
            return (f"满 {_reach_zh(reach, measure)}" if reach else "") + free


def _reach_zh(reach: int, measure: str) -> str:
    return f"{yuan(reach)} 元" if measure == "amount" else f"{reach} 件"


def _off_zh(off: int) -> str:
    return "免费" if off == 10_000 else "半价" if off == 5000 else f" {fold(off)} 折"


def _english(benefit: Benefit) -> str:
    match benefit:
        case Reduction(steps=steps, measure=measure, repeat=repeat):
            every = "for every" if repeat == "yes" else "from"
            return ", ".join(
                f"{yuan(step.off)} yuan off {every} {_reach_en(step.reach, measure)}"
                for step in steps
            )
        case Percent(steps=steps, measure=measure):
            return ", ".join(
                f"{percent(step.off)} off"
                + (f" from {_reach_en(step.reach, measure)}" if step.reach else "")
                for step in steps
            )
        case FixedPrice(price=price):
            return f"{yuan(price)} yuan each"
        case NthItem(nth=nth, off=off):
            return f"every {nth}. piece {_off_en(off)}"
        case BuyGet(buy=buy, get=get, off=off):
            return f"buy {buy}, get {get} {_off_en(off)}"
        case Bundle(price=price):
            return f"the set for {yuan(price)} yuan"
        case Gift(reach=reach, measure=measure):
            return f"a gift from {_reach_en(reach, measure)}"
        case FreeDelivery(reach=reach, measure=measure, most=most):
            free = "free delivery" if most is None else f"{yuan(most)} yuan off the delivery"
            return free + (f" from {_reach_en(reach, measure)}" if reach else "")


def _reach_en(reach: int, measure: str) -> str:
    return f"{yuan(reach)} yuan" if measure == "amount" else f"{reach} pieces"


def _off_en(off: int) -> str:
    return "free" if off == 10_000 else f"for {percent(10_000 - off)} of its price"
