"""What a merchant writes in ``[plugins.content_review]``."""

from datetime import date
from pathlib import Path
from typing import Annotated

import msgspec
from stdnum.cn import uscc

from jishi.config import Secret, setting
from jishi_content_review.structs import Language
from jishi_content_review.word_lists import read_words


class WechatCheckSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[plugins.content_review.wechat]``: WeChat's own check of texts, asked over the network."""

    appid: Annotated[
        str, setting(help="The mini program that asks.", pattern=r"^[0-9A-Za-z_]{4,32}$")
    ]
    secret: Annotated[Secret, setting(help="Its AppSecret.")]
    openid: Annotated[
        str,
        setting(
            help="A user who opened the mini program in the last two hours; WeChat asks for one.",
            min_length=1,
        ),
    ]
    scene: Annotated[
        int, setting(help="1 profile, 2 comment, 3 forum, 4 social diary.", ge=1, le=4)
    ] = 1
    host: Annotated[str, setting(help="Where WeChat answers.", pattern=r"^https?://[^/]+$")] = (
        "https://api.weixin.qq.com"
    )


class ContentReviewSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[plugins.content_review]``: whose words, which licences, which company."""

    language: Annotated[
        Language, setting(help="The language in which findings explain themselves: zh or en.")
    ] = "zh"
    words: Annotated[
        Path | None, setting(help="A file with further words, shaped like words.toml.")
    ] = None
    allowed: Annotated[
        tuple[str, ...],
        setting(help="Phrases in which no word is reported: brands, names, marks."),
    ] = ()
    licences: Annotated[
        dict[str, str],
        setting(help="Licences the shop holds and their last day (2027-01-31), or forever."),
    ] = {}
    categories: Annotated[
        dict[str, str],
        setting(help="Categories of the shop and what WeChat calls them: 零食 = 食品饮料."),
    ] = {}
    medical: Annotated[
        tuple[str, ...], setting(help="Categories whose goods may speak of treatment.")
    ] = ("药品", "医疗器械", "医疗")
    health_food: Annotated[
        tuple[str, ...], setting(help="Categories whose goods are health food.")
    ] = ("保健品", "保健食品")
    company_number: Annotated[
        str | None, setting(help="The shop's unified social credit code (统一社会信用代码).")
    ] = None
    wechat: Annotated[
        WechatCheckSettings | None,
        setting(help="Also have texts checked by WeChat; off when there is no such table."),
    ] = None

    def __post_init__(self) -> None:
        for name, last in self.licences.items():
            _check_day(name, last)
        if self.company_number is not None and not uscc.is_valid(self.company_number):
            raise ValueError(
                f"company_number: {self.company_number!r} has wrong check digits; "
                "copy all 18 characters from the business licence"
            )
        if self.words is not None:
            read_words(self.words)


def _check_day(name: str, last: str) -> None:
    if last == "forever":
        return
    try:
        date.fromisoformat(last)
    except ValueError:
        raise ValueError(
            f"licences.{name}: expected a day like 2027-01-31 or forever, found {last!r}"
        ) from None
