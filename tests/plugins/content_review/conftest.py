"""A review with settings of one's own, asked without a shop."""

from collections.abc import Callable
from typing import Any

import pytest

from jishi.compliance import Finding, Subject
from jishi_content_review import ContentReview, ContentReviewSettings

Ask = Callable[..., Any]


@pytest.fixture
def ask() -> Ask:
    """Give what the plugin says about a text of a product."""

    async def asked(
        text: str,
        *category: str,
        settings: ContentReviewSettings | None = None,
        **attributes: str,
    ) -> list[Finding]:
        kind = "document" if attributes else "product"
        subject = Subject(
            kind=kind,
            id="p1",
            title="商品",
            texts={"description": text},
            category=category,
            attributes=attributes,
        )
        plugin = ContentReview(settings or ContentReviewSettings())
        return await plugin.review_subject(subject=subject) or []

    return asked
