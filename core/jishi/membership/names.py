"""People's names as they are written, and how two of them are to each other."""

import re
import unicodedata

from jishi.membership.people import Relation

_TITLES = re.compile(
    r"(先生|女士|小姐|太太|老师|师傅|同学|阿姨|大哥|总|mr\.?|mrs\.?|ms\.?|miss)$|^(mr\.?|mrs\.?|ms\.?|miss)\s+"
)
_COMPOUND = re.compile(
    "欧阳|司马|上官|诸葛|东方|皇甫|尉迟|公孙|慕容|司徒|夏侯|令狐|宇文|长孙|端木|南宫"
)
"""Family names of two characters."""

_HAN = re.compile(r"[\u4e00-\u9fff]")
_SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许邓冯韩曹曾彭萧肖蔡潘田董袁于余叶蒋杜苏魏程吕丁沈任姚卢傅钟姜崔谭"
    "廖范汪陆金石戴贾韦夏邱方侯邹熊孟秦白江阎薛尹段雷黎史龙陶贺顾毛郝龚邵万钱严赖覃洪武莫孔汤向常温康施文牛樊葛邢安齐易乔伍庞颜"
    "倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳管柴蒙鲍华喻祁房蒲滕屈饶"
)
"""The first characters of names that people have; what begins otherwise is a nickname."""

_MASKS = "*＊某x×○"


def clean_name(name: str) -> str:
    """A name without titles, spacing and letters' case; empty when nothing is left."""
    text = unicodedata.normalize("NFKC", name).strip().casefold()
    text = _TITLES.sub("", text).strip()
    if _HAN.search(text):
        return "".join(text.split())
    return " ".join(re.sub(r"[^\w\s]", " ", text).split())


def relation_of_names(one: str, other: str) -> Relation | None:
    """How two cleaned names are to each other; None where nothing can be said.

    A surname with a title, and a masked name, are a ``part``. A single other character is
    ``near``: brothers and sisters have such names, so it speaks for little. Of nicknames nothing
    can be said.
    """
    if one == other:
        return "same" if _is_whole(one) else "part"
    han, other_han = bool(_HAN.search(one)), bool(_HAN.search(other))
    if han != other_han:
        return None
    if not han:
        return _latin(one, other)
    if _is_nickname(one) or _is_nickname(other):
        return None
    return _chinese(one, other)


def _is_nickname(name: str) -> bool:
    surname = surname_of(name)
    return len(name) > len(surname) + 2 or (len(surname) == 1 and surname not in _SURNAMES)


def _is_whole(name: str) -> bool:
    if not _HAN.search(name):
        return " " in name
    return len(name) > len(surname_of(name)) and not set(name) & set(_MASKS)


def surname_of(name: str) -> str:
    """The family name of a Chinese name."""
    return name[:2] if _COMPOUND.match(name) else name[:1]


def _chinese(one: str, other: str) -> Relation:
    if surname_of(one) != surname_of(other):
        return "conflict"
    if surname_of(one) in (one, other):
        return "part"
    if len(one) == len(other):
        apart = [(a, b) for a, b in zip(one, other, strict=True) if a != b]
        unmasked = [pair for pair in apart if not set(pair) & set(_MASKS)]
        if not unmasked:
            return "part"
        if len(one) > 2 and len(unmasked) == 1:
            return "near"
    return "conflict"


def _latin(one: str, other: str) -> Relation | None:
    words, others = one.split(), other.split()
    if len(words) < 2 or len(others) < 2:
        return None  # a nickname, or one name of two
    if sorted(words) == sorted(others) or "".join(words) == "".join(others):
        return "same"
    if words[-1] == others[-1] and words[0][0] == others[0][0]:
        return "part" if 1 in (len(words[0]), len(others[0])) else "near"
    return "conflict"
