"""What every plugin that delivers promises."""

from collections.abc import Iterator

from jishi.fulfilment import Address, Consignment, DeliveryOption, Parcel
from jishi.hookspecs.fulfilment import offer_delivery
from jishi.plugins import SHOP
from jishi.shop import Shop
from jishi.testing.contracts.plugin import PluginContract
from jishi.testing.people import ADDRESS

_REGIONS = ("浙江省", "北京市", "新疆维吾尔自治区", "西藏自治区", "香港特别行政区", "nowhere")


class FulfilmentContract(PluginContract):
    """Options with whole fees and stable names, for any goods and any address."""

    def test_every_option_can_be_chosen(self, shop: Shop) -> None:
        """Fees are whole fen from zero up; titles say something."""
        for consignment in self._consignments(shop):
            for option in self._options(shop, consignment):
                assert type(option.fee) is int, f"{option.code} costs {option.fee!r}"
                assert option.fee >= 0, f"{option.code} costs {option.fee} fen"
                assert option.title.strip(), f"{option.code} has no title"

    def test_codes_are_its_own_and_different(self, shop: Shop) -> None:
        """A code is the plugin's name, alone or before a colon; no two options share one."""
        name = self.plugin.declaration.name
        for consignment in self._consignments(shop):
            codes = [option.code for option in self._options(shop, consignment)]
            assert len(set(codes)) == len(codes), f"two options share a code: {codes}"
            for code in codes:
                assert code.partition(":")[0] == name, (
                    f"the option {code!r} must be called {name!r} or '{name}:<choice>'"
                )

    def test_asking_again_gives_the_same(self, shop: Shop) -> None:
        """The option that the shopper chose is there, at its price, when the order is placed."""
        for consignment in self._consignments(shop):
            assert self._options(shop, consignment) == self._options(shop, consignment)

    def test_without_an_address_it_says_what_it_can(self, shop: Shop) -> None:
        """Before the shopper gave an address nothing breaks."""
        self._options(shop, self._consignment(shop, None, 500))

    def _options(self, shop: Shop, consignment: Consignment) -> list[DeliveryOption]:
        answers = shop.hooks.ask(offer_delivery, SHOP, consignment=consignment)
        label = self.plugin.declaration.label
        return [option for each in answers if each.plugin == label for option in each.value]

    def _consignments(self, shop: Shop) -> Iterator[Consignment]:
        for region in _REGIONS:
            address = Address(**{**ADDRESS, "region": region})
            for grams in (0, 1, 500, 1_000, 1_001, 25_000, 1_000_000):
                yield self._consignment(shop, address, grams)

    def _consignment(self, shop: Shop, address: Address | None, grams: int) -> Consignment:
        return Consignment(
            parcels=(Parcel(sku="SKU-1", quantity=1, weight_g=grams),),
            weight_g=grams,
            value=9_900,
            currency=shop.config.shop.currency,
            channel="web",
            store=None,
            address=address,
            at=shop.clock.now(),
        )
