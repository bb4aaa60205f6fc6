"""The table ``[codes]`` of a build."""

from typing import Annotated

import msgspec

from jishi.codes.labels import LabelFormat, WrongFormat
from jishi.config import setting


class CodeSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[codes]``: how the stores' scales print their labels."""

    labels: Annotated[
        dict[str, str],
        setting(
            help='Format by flag: { "21" = "FFWWWWWEEEEEC" }; F flag, W goods, E fen, N grams, '
            "C check digit.",
        ),
    ] = {}
    stores: Annotated[
        dict[str, dict[str, str]],
        setting(help="The same by store, where a store's scales are other ones."),
    ] = {}

    def __post_init__(self) -> None:
        for labels in (self.labels, *self.stores.values()):
            for flag, text in labels.items():
                if not LabelFormat.of(text).text.startswith("F" * len(flag)):
                    raise WrongFormat(f"The flag {flag!r} is longer than the F of {text!r}.")

    def formats(self, store: str | None, code: str) -> list[LabelFormat]:
        """The formats that a scanned code may have in a store, by its flag."""
        labels = self.stores.get(store or "", self.labels)
        return [LabelFormat.of(text) for flag, text in labels.items() if code.startswith(flag)]
