"""What the catalogue does when somebody else decides: publish what a person approved."""

from jishi.catalogue.change_products import publish_product
from jishi.catalogue.load_products import load_products
from jishi.events import Handlers, Happened
from jishi.shop import Shop


def register(handlers: Handlers) -> None:
    """Bring the catalogue's listeners."""
    handlers.on("subject.decided", "catalogue", follow_decision)


async def follow_decision(shop: Shop, happened: Happened) -> None:
    """Show a product that waited for a person's yes; take one off that got a no.

    The product is reviewed again as it is now: a text that changed meanwhile is not let through.
    """
    if happened.data.get("kind") != "product":
        return
    found = await load_products(shop.database, "id", [happened.subject])
    if not found:
        return
    waited = {"approved": "draft", "refused": "on_sale"}
    if found[0].status == waited.get(str(happened.data.get("verdict"))):
        await publish_product(shop, happened.subject)
