"""The first level of Chinese addresses, as the standard GB/T 2260 orders it."""

import unicodedata

REGIONS: tuple[tuple[str, str], ...] = (
    ("北京市", "Beijing"),
    ("天津市", "Tianjin"),
    ("河北省", "Hebei"),
    ("山西省", "Shanxi"),
    ("内蒙古自治区", "Inner Mongolia"),
    ("辽宁省", "Liaoning"),
    ("吉林省", "Jilin"),
    ("黑龙江省", "Heilongjiang"),
    ("上海市", "Shanghai"),
    ("江苏省", "Jiangsu"),
    ("浙江省", "Zhejiang"),
    ("安徽省", "Anhui"),
    ("福建省", "Fujian"),
    ("江西省", "Jiangxi"),
    ("山东省", "Shandong"),
    ("河南省", "Henan"),
    ("湖北省", "Hubei"),
    ("湖南省", "Hunan"),
    ("广东省", "Guangdong"),
    ("广西壮族自治区", "Guangxi"),
    ("海南省", "Hainan"),
    ("重庆市", "Chongqing"),
    ("四川省", "Sichuan"),
    ("贵州省", "Guizhou"),
    ("云南省", "Yunnan"),
    ("西藏自治区", "Tibet"),
    ("陕西省", "Shaanxi"),
    ("甘肃省", "Gansu"),
    ("青海省", "Qinghai"),
    ("宁夏回族自治区", "Ningxia"),
    ("新疆维吾尔自治区", "Xinjiang"),
    ("台湾省", "Taiwan"),
    ("香港特别行政区", "Hong Kong"),
    ("澳门特别行政区", "Macao"),
)
"""The name that is written on the parcel, and the one that is shown besides it in English."""

_SUFFIXES = (
    "特别行政区",
    "维吾尔族自治区",
    "维吾尔自治区",
    "壮族自治区",
    "回族自治区",
    "自治区",
    "省",
    "市",
)


def short_region(region: str) -> str:
    """The name by which a region is compared: ``浙江省``, ``浙江 `` and ``Zhejiang`` are one."""
    name = "".join(unicodedata.normalize("NFKC", region).split())
    for suffix in _SUFFIXES:
        if name.endswith(suffix) and len(name) > len(suffix):
            return name.removesuffix(suffix)
    return _ENGLISH.get(name.casefold(), name)


def is_region(region: str) -> bool:
    """Whether it names one of the regions, however it is written."""
    return short_region(region) in _KNOWN


def _bare(name: str) -> str:
    return next((name.removesuffix(one) for one in _SUFFIXES if name.endswith(one)), name)


_ENGLISH = {english.replace(" ", "").casefold(): _bare(name) for name, english in REGIONS}
_KNOWN = frozenset(_bare(name) for name, _ in REGIONS)
