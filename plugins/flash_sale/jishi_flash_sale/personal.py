"""What this plugin's tables know about people."""

from jishi.personal import Belongs, Personal, PersonalTable, impersonal

_TRADE = "E-Commerce Law art. 31: records of trade are kept for three years; a pseudonym"
_OF_MEMBER = (Belongs(column="member"),)

PERSONAL = (
    impersonal("flash_sale_sales", "the merchant's sales"),
    PersonalTable(
        table="flash_sale_purchases",
        title=("What you bought in flash sales", "秒杀购买记录"),
        key=("order_id", "sku"),
        belongs=_OF_MEMBER,
        personal={"member": Personal(says="who bought", erasure="keep", because=_TRADE)},
        plain=("order_id", "sale", "sku", "quantity", "price", "state", "placed_at"),
        erasure="keep",
        because=_TRADE,
    ),
    PersonalTable(
        table="flash_sale_turns",
        title=("Your places in queues", "排队记录"),
        belongs=_OF_MEMBER,
        personal={
            "member": Personal(says="who stood in the queue"),
            "id": Personal(says="the same, with the sale"),
        },
        plain=("sale", "number", "opens_at"),
    ),
)
"""Every table of the plugin."""
