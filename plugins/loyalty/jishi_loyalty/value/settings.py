"""What a merchant writes in ``[plugins.loyalty.value]``."""

from typing import Annotated, Literal

import msgspec

SpendOrder = Literal["gift_first", "principal_first", "proportional"]
"""What of a top-up is spent first; fixed for each top-up when it is made."""

_Fen = Annotated[int, msgspec.Meta(ge=0, le=10**12)]
_Rate = Annotated[int, msgspec.Meta(ge=0, le=10_000)]


class TopUpPlan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[[plugins.loyalty.value.plans]]``: pay so much, get so much more.

    Attributes:
        sku: The SKU that sells it in the mall; also its name at a till.
        pay: What it costs, in fen; the SKU has the same price.
        gift: What is given on top, in fen.
    """

    sku: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    pay: Annotated[int, msgspec.Meta(ge=1, le=10**9)]
    gift: Annotated[int, msgspec.Meta(ge=0, le=10**9)] = 0


class ValueSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[plugins.loyalty.value]``: members' money at the shop.

    What is marked *unverified* follows a summary of a rule, not its text: ask a lawyer.

    Attributes:
        enabled: ``yes`` switches it on; before that, see whether it has to be filed.
        plans: What can be bought.
        spend_order: What of a new top-up is spent first.
        most_balance: What one member may have, in fen; 0: no limit. 5,000 yuan is the limit of
            named cards (unverified).
        most_payment: The most of one payment, in fen; 0: no limit.
        step_up_from: Payments of so much within a day, in fen, need a password or a code from
            there on.
        free_amount: Whether a till may take any amount, without a plan and without a gift.
        code_seconds: How long a member's code for the till is good.
        proof_minutes: How long a given password or code is good for a payment.
        transfers: Whether members may hand over what is left of a top-up.
        no_reason_days: Within so many days the principal goes back without a reason.
        lpr_points: One-year LPR in hundredths of a percent, for interest the merchant owes.
        deposit_points: One-year deposit rate in hundredths of a percent, for the customer's own
            reason.
        filing_reference: The number under which the merchant has filed; shown to members.
    """

    enabled: Literal["yes", "no"] = "no"
    plans: tuple[TopUpPlan, ...] = ()
    spend_order: SpendOrder = "proportional"
    most_balance: _Fen = 500_000
    most_payment: _Fen = 0
    step_up_from: _Fen = 50_000
    free_amount: Literal["yes", "no"] = "no"
    code_seconds: Annotated[int, msgspec.Meta(ge=15, le=300)] = 60
    proof_minutes: Annotated[int, msgspec.Meta(ge=1, le=30)] = 5
    transfers: Literal["yes", "no"] = "yes"
    no_reason_days: Annotated[int, msgspec.Meta(ge=0, le=365)] = 7
    lpr_points: _Rate = 0
    deposit_points: _Rate = 0
    filing_reference: Annotated[str, msgspec.Meta(max_length=80)] = ""

    def __post_init__(self) -> None:
        skus = [plan.sku for plan in self.plans]
        if doubled := sorted({sku for sku in skus if skus.count(sku) > 1}):
            raise ValueError(f"plans: the SKU {doubled[0]!r} stands there twice")

    def plan(self, sku: str) -> TopUpPlan | None:
        """The plan that a SKU sells, if it sells one."""
        return next((plan for plan in self.plans if plan.sku == sku), None)
