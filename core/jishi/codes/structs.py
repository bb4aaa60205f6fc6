"""What flows through codes."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec

CodeKind = Literal["sku", "gtin", "plu", "vendor", "alias"]
"""The SKU's own code, the packing's number, the scale's number, a till's own, any other name."""

_Text = Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern=r"^\S(.*\S)?$")]
_Word = Annotated[str, msgspec.Meta(max_length=60, pattern=r"^[\w.:\-]*$")]


class NewCode(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A code for a SKU.

    Attributes:
        sku: The SKU's code.
        code: What is scanned.
        kind: ``gtin`` is checked and kept with 14 digits; ``plu`` is a scale's number.
        issuer: Whose number it is: a till's vendor, a store's scale; empty for everybody's.
    """

    sku: _Text
    code: _Text
    kind: Literal["gtin", "plu", "vendor", "alias"]
    issuer: _Word = ""


class GivenCode(msgspec.Struct, frozen=True, kw_only=True):
    """A code as it is kept.

    Attributes:
        code: In the form in which it is looked for.
        issuer: Whose number it is; may be empty.
        kind: What kind of number.
        sku: The SKU that it means.
        source: Who said so: ``staff:<id>``, ``plugin@version``.
        given_at: UTC.
    """

    code: str
    issuer: str
    kind: CodeKind
    sku: str
    source: str
    given_at: datetime


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """What came of giving a code: it is the SKU's now, or somebody must decide.

    Attributes:
        state: ``given``; ``known``: it was the SKU's already; ``conflict``: it means another SKU.
        conflict: The conflict's id.
    """

    state: Literal["given", "known", "conflict"]
    conflict: str | None = None


class Conflict(msgspec.Struct, frozen=True, kw_only=True):
    """Two SKUs that want one code; a person decides.

    Attributes:
        id: The conflict's id.
        code: What both want.
        issuer: Whose number it is.
        kind: What kind of number.
        has: The SKU that it means until then.
        wants: The SKU that it was to be given to.
        evidence: Who wanted it last.
        times: How often it was wanted.
        state: ``open``, ``kept`` or ``moved``.
        decided_by: Who decided.
        seen_at: When it was last wanted, UTC.
    """

    id: str
    code: str
    issuer: str
    kind: CodeKind
    has: str
    wants: str
    evidence: str
    times: int
    state: Literal["open", "kept", "moved"]
    decided_by: str
    seen_at: datetime


class Scanned(msgspec.Struct, frozen=True, kw_only=True):
    """What was scanned.

    Attributes:
        sku: The SKU's code.
        product: The product's id.
        title: The product's title.
        kind: What kind of code it was.
        price: Of one piece in the price list ``base``, in fen.
        quantity: Pieces; a label is one.
        amount: What the label says it costs, in fen; None without one.
        weight_g: What the label says it weighs, in grams; None without one.
    """

    sku: str
    product: str
    title: str
    kind: CodeKind
    price: int
    quantity: int = 1
    amount: int | None = None
    weight_g: int | None = None
