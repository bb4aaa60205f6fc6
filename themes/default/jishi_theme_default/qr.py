"""Draws a payment's address as a QR code inside the page, so that nothing is fetched for it."""

import segno
from markupsafe import Markup


def qr_code(text: str, label: str = "") -> Markup:
    """A QR code as inline SVG, dark on white with its quiet zone.

    Args:
        text: What the code says: ``weixin://wxpay/bizpayurl?pr=…``.
        label: What it is, for those who do not see it.
    """
    drawn = segno.make(text, error="m", micro=False).svg_inline(
        border=4, dark="#1d1915", light="#ffffff", omitsize=True, svgclass="qr", title=label
    )
    return Markup(drawn)  # noqa: S704 segno escapes the title and draws the text
