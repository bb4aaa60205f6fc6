"""People of whom the truth is known: made up from a seed, as shops come to know them.

Nobody in it exists. Each person comes to a shop in one to five ways, and each way writes down a
part of what he is, now and then wrongly: digits change places, numbers are given up and given to
others, a wife pays with her husband's phone, names lose a character or gain a title. The rates
are below; they are assumptions, set rather too bad than too good, and are printed by the bench.
"""

import random
from collections.abc import Iterator

import msgspec

from jishi.membership import Identity, Said

SEED = 20_260_301

_SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许邓冯韩曹曾彭萧蔡潘田董袁于余"
_GIVEN = (
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂英华玉兰红建文志国春梅晓宇浩"
    "欣怡子轩梓涵雨泽诗琪佳俊凯琳雪倩婷慧颖鹏飞波斌鑫宁晨曦瑶瑞"
)
_ROADS = tuple(
    f"{each}路"
    for each in (
        "文三 中山 人民 解放 建设 延安 南京 和平 长江 黄河 新华 学院 滨江 天目山 环城 幸福".split()  # noqa: SIM905
    )
)
_PLACES = (
    "浙江省杭州市西湖区",
    "浙江省宁波市海曙区",
    "江苏省南京市鼓楼区",
    "上海市徐汇区",
    "广东省深圳市南山区",
    "四川省成都市武侯区",
)
_TITLES = ("先生", "女士", "老师")


class Rates(msgspec.Struct, frozen=True, kw_only=True):
    """How often things go wrong, of a thousand.

    Attributes:
        household: People who live with another of the population.
        shares_phone: Their visits in which they give the other's phone.
        changed_phone: People who changed their number.
        old_phone: Of their visits, those in which they give the old one.
        given_again: Numbers given up that another of the population has by now.
        typo_phone: Numbers typed with a slip.
        typo_birthday: Birthdays with a slip.
        short_name: Names as a surname with a title.
        wrong_name: Names with a wrong character.
        nickname: Names that are made up, in the mini program.
        moved: People with two addresses.
        loose_address: Addresses written without province and with other words for the numbers.
    """

    household: int = 350
    shares_phone: int = 15
    changed_phone: int = 70
    old_phone: int = 200
    given_again: int = 50
    typo_phone: int = 20
    typo_birthday: int = 10
    short_name: int = 80
    wrong_name: int = 15
    nickname: int = 300
    moved: int = 100
    loose_address: int = 300


class Person(msgspec.Struct, kw_only=True):
    """Somebody, as he is."""

    id: int
    name: str
    birthday: str
    phones: list[str]
    addresses: list[tuple[str, str, tuple[int, int, int]]]
    device: str
    email: str
    openid: str
    unionid: str
    card: str
    family: list["Person"] = msgspec.field(default_factory=list)


class Visit(msgspec.Struct, frozen=True, kw_only=True):
    """What a channel writes down of a person.

    Attributes:
        person: Whose visit it was; the truth that the shop does not know.
        channel: Which one.
        identity: How he says he is known there, if he does.
        said: Everything else.
    """

    person: int
    channel: str
    identity: Identity | None
    said: Said


def visits(people: int, seed: int = SEED, rates: Rates | None = None) -> list[Visit]:
    """All visits of a population, in the order in which they happen.

    Args:
        people: How many there are.
        seed: The same seed gives the same visits.
        rates: How often things go wrong.
    """
    dice, rates = random.Random(seed), rates or Rates()  # noqa: S311 nothing secret
    everybody = _people(dice, people, rates)
    made = [each for person in everybody for each in _visits_of(dice, person, rates)]
    dice.shuffle(made)
    return made


def _people(dice: random.Random, count: int, rates: Rates) -> list[Person]:
    made: list[Person] = []
    given_up: list[str] = []
    while len(made) < count:
        person = _person(dice, len(made))
        if made and _happens(dice, rates.household):
            _move_in(dice, person, made[-1])
        if given_up:
            person.phones = [given_up.pop()]
        if _happens(dice, rates.changed_phone):
            if _happens(dice, rates.given_again):
                given_up.append(person.phones[0])
            person.phones.append(_phone(dice))
        made.append(person)
    return made


def _move_in(dice: random.Random, person: Person, other: Person) -> None:
    """They live together; every second time as parent and child, who share a surname."""
    person.addresses = list(other.addresses)
    person.family, other.family = [*person.family, other], [*other.family, person]
    if dice.random() < 0.5:
        person.name = other.name[0] + person.name[1:]
    if dice.random() < 0.2:
        person.device = other.device


def _person(dice: random.Random, number: int) -> Person:
    length = 1 if dice.random() < 0.25 else 2
    name = dice.choice(_SURNAMES) + "".join(dice.choice(_GIVEN) for _ in range(length))
    year, month, day = dice.randint(1950, 2008), dice.randint(1, 12), dice.randint(1, 28)
    return Person(
        id=number,
        name=name,
        birthday=f"{year}-{month:02}-{day:02}",
        phones=[_phone(dice)],
        addresses=[_address(dice) for _ in range(2)],
        device=f"device-{dice.getrandbits(40)}",
        email=f"u{dice.getrandbits(36)}@example.com",
        openid=f"o{dice.getrandbits(90):x}",
        unionid=f"u{dice.getrandbits(90):x}",
        card=f"{dice.getrandbits(40)}",
    )


def _phone(dice: random.Random) -> str:
    return f"1{dice.randint(3, 9)}{dice.randint(0, 999_999_999):09}"


def _address(dice: random.Random) -> tuple[str, str, tuple[int, int, int]]:
    numbers = (dice.randint(1, 400), dice.randint(1, 20), dice.randint(101, 1900))
    return dice.choice(_PLACES), dice.choice(_ROADS), numbers


def _visits_of(dice: random.Random, person: Person, rates: Rates) -> Iterator[Visit]:
    channels = ("mini_program", "mall", "till", "live", "web")
    times = dice.choices((1, 2, 3, 4, 5), (20, 30, 27, 14, 9))[0]
    for channel in dice.choices(channels, (35, 25, 25, 5, 10), k=times):
        yield _VISITS[channel](dice, person, rates)


def _mini_program(dice: random.Random, person: Person, rates: Rates) -> Visit:
    """WeChat proves an openid and mostly a union id; the phone only where he allows it."""
    proved = [Identity(kind="wechat_openid", value=person.openid, issuer="wx-mall")]
    if dice.random() < 0.9:
        proved.append(Identity(kind="wechat_unionid", value=person.unionid))
    if dice.random() < 0.95:
        proved.append(Identity(kind="phone", value=person.phones[-1]))
    name = "小" + dice.choice(_GIVEN) + "的店" if _happens(dice, rates.nickname) else ""
    said = Said(proved=tuple(proved), name=name, device=person.device)
    return Visit(person=person.id, channel="mini_program", identity=None, said=said)


def _live(dice: random.Random, person: Person, rates: Rates) -> Visit:
    """Another app of the same company: another openid, the same union id."""
    proved = [
        Identity(kind="wechat_openid", value=f"{person.openid}L", issuer="wx-live"),
        Identity(kind="wechat_unionid", value=person.unionid),
    ]
    said = Said(proved=tuple(proved), claimed=_phones(dice, person, rates), device=person.device)
    return Visit(person=person.id, channel="live", identity=None, said=said)


def _mall(dice: random.Random, person: Person, rates: Rates) -> Visit:
    """An order without a login: a name, a phone, an address."""
    said = Said(
        claimed=_phones(dice, person, rates),
        name=_name(dice, person, rates),
        address=_written(dice, person, rates),
        device=person.device if dice.random() < 0.7 else "",
    )
    return Visit(person=person.id, channel="mall", identity=None, said=said)


def _till(dice: random.Random, person: Person, rates: Rates) -> Visit:
    """A card that was scanned, or a number and a name that the cashier typed."""
    proved: tuple[Identity, ...] = ()
    if dice.random() < 0.4:
        proved = (Identity(kind="card", value=person.card, issuer="house"),)
    said = Said(
        proved=proved,
        claimed=_phones(dice, person, rates) if dice.random() < 0.97 else (),
        name=_name(dice, person, rates) if dice.random() < 0.8 else "",
        birthday=_birthday(dice, person, rates) if dice.random() < 0.5 else "",
    )
    return Visit(person=person.id, channel="till", identity=None, said=said)


def _web(dice: random.Random, person: Person, rates: Rates) -> Visit:
    """A login with an e-mail, and what the form asks."""
    said = Said(
        proved=(Identity(kind="email", value=person.email),),
        claimed=_phones(dice, person, rates) if dice.random() < 0.93 else (),
        name=_name(dice, person, rates),
        birthday=_birthday(dice, person, rates) if dice.random() < 0.6 else "",
        address=_written(dice, person, rates) if dice.random() < 0.6 else "",
    )
    return Visit(person=person.id, channel="web", identity=None, said=said)


_VISITS = {
    "mini_program": _mini_program,
    "live": _live,
    "mall": _mall,
    "till": _till,
    "web": _web,
}


def _phones(dice: random.Random, person: Person, rates: Rates) -> tuple[Identity, ...]:
    phone = person.phones[0] if _happens(dice, rates.old_phone) else person.phones[-1]
    if person.family and _happens(dice, rates.shares_phone):
        phone = dice.choice(person.family).phones[-1]
    if _happens(dice, rates.typo_phone):
        phone = _slipped(dice, phone)
    return (Identity(kind="phone", value=phone),)


def _slipped(dice: random.Random, digits: str) -> str:
    place = dice.randint(3, len(digits) - 2)
    if dice.random() < 0.5:
        return digits[:place] + digits[place + 1] + digits[place] + digits[place + 2 :]
    return digits[:place] + str(dice.randint(0, 9)) + digits[place + 1 :]


def _name(dice: random.Random, person: Person, rates: Rates) -> str:
    if _happens(dice, rates.short_name):
        return person.name[0] + dice.choice(_TITLES)
    if _happens(dice, rates.wrong_name):
        return person.name[:-1] + dice.choice(_GIVEN)
    return person.name + (dice.choice(_TITLES) if dice.random() < 0.05 else "")


def _birthday(dice: random.Random, person: Person, rates: Rates) -> str:
    if not _happens(dice, rates.typo_birthday):
        return person.birthday
    year, month, day = person.birthday.split("-")
    return f"{year}-{month}-{(int(day) % 28) + 1:02}"


def _written(dice: random.Random, person: Person, rates: Rates) -> str:
    at = 1 if _happens(dice, rates.moved) else 0
    place, road, (number, block, room) = person.addresses[at]
    if _happens(dice, rates.loose_address):
        return f"{road} {number}号 {block}-{room}"
    return f"{place}{road}{number}号{block}幢{room}室"


def _happens(dice: random.Random, rate: int) -> bool:
    return dice.randrange(1000) < rate
