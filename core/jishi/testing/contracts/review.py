"""What every plugin that looks at what is to be published promises."""

import msgspec

from jishi.compliance import Finding, Subject
from jishi.hookspecs.compliance import review_subject
from jishi.plugins import SHOP
from jishi.shop import Shop
from jishi.testing.contracts.plugin import PluginContract

_TEXTS = {
    "nothing": "",
    "a space": " ",
    "Chinese": "纯棉毛巾，柔软吸水，三条装。",
    "long": "好" * 20_000,
    "emoji": "👨‍👩‍👧‍👦🧧" * 50,
    "control characters": "a\x00b\u202ec\u200bd",
    "half a pair": "\ud800",
    "markup": "<script>alert(1)</script>{{ 7 * 7 }}",
    "numbers": "１００％ 100% ¥9.9 3×3",
}


class ReviewContract(PluginContract):
    """Findings that a person can act on, about any text whatever."""

    async def test_it_can_read_anything(self, shop: Shop) -> None:
        """No text breaks it: what cannot be read waits, and the whole queue with it."""
        for kind in ("product", "text", "document"):
            for what, text in _TEXTS.items():
                assert isinstance(await self._findings(shop, kind, text), list), what

    async def test_findings_say_what_and_where(self, shop: Shop) -> None:
        """Each names its rule and says what is wrong; its field is one of the subject's."""
        for text in _TEXTS.values():
            for found in await self._findings(shop, "product", text):
                assert found.rule, f"a finding without a rule: {found}"
                assert found.message.strip(), f"the rule {found.rule!r} says nothing"
                assert found.severity in ("note", "doubt", "forbidden"), found.severity

    async def test_the_same_text_is_judged_the_same(self, shop: Shop) -> None:
        """What was approved is not doubted the next time."""
        for text in _TEXTS.values():
            first = await self._findings(shop, "product", text)
            assert first == await self._findings(shop, "product", text)

    async def _findings(self, shop: Shop, kind: str, text: str) -> list[Finding]:
        what = {
            "kind": kind,
            "id": "s1",
            "title": "毛巾",
            "texts": {"title": "毛巾", "brief": text},
        }
        subject = msgspec.convert(what, Subject)
        answers = await shop.hooks.consult(review_subject, SHOP, subject=subject)
        label = self.plugin.declaration.label
        return [found for each in answers if each.plugin == label for found in each.value]
