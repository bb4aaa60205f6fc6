"""How sure it is that two are one person: rules in which families stay families."""

import pytest

from jishi.membership import BadContact, Identity, Said, identity_as, liken, portrait_of
from jishi.membership.names import clean_name, relation_of_names
from jishi.membership.places import clean_address, relation_of_addresses


def phone(number: str = "13800138000") -> Identity:
    return Identity(kind="phone", value=number)


OPENID = Identity(kind="wechat_openid", value="oABCDEF123", issuer="wx1")
OTHER_OPENID = Identity(kind="wechat_openid", value="oXYZ987654", issuer="wx1")
CARD = Identity(kind="card", value="8800 1234", issuer="house")
HOME = "浙江省杭州市西湖区文三路1号3幢502室"
MALL = Said(claimed=(phone(),), name="李晓雷", address=HOME, device="d1", birthday="1990-02-03")


def likeness(one: Said, other: Said):
    return liken(portrait_of(one), portrait_of(other))


@pytest.mark.parametrize(
    ("one", "other", "certainty"),
    [
        (Said(proved=(OPENID,)), Said(proved=(OPENID,), name="小雷的店"), "certain"),
        (Said(proved=(CARD,), name="李雷"), Said(proved=(CARD,)), "certain"),
        (Said(proved=(CARD,), name="李雷"), Said(proved=(CARD,), name="韩梅梅"), "probable"),
        (Said(proved=(phone(),)), Said(claimed=(phone(),)), "certain"),
        (Said(claimed=(phone(),)), Said(claimed=(phone(),)), "probable"),
        (Said(claimed=(phone(),), name="李雷"), MALL, "none"),
        (Said(proved=(phone(), OPENID)), Said(proved=(phone(), OTHER_OPENID)), "probable"),
        (Said(claimed=(phone(),), name="李晓雷"), MALL, "certain"),
        (Said(claimed=(phone(),), name="李先生"), MALL, "certain"),
        (Said(claimed=(phone(),), address=HOME), MALL, "probable"),
        (Said(claimed=(phone(),), name="李晓雪", address=HOME), MALL, "probable"),
        (Said(address=HOME, name="李先生"), MALL, "probable"),
        (Said(address=HOME, device="d1", name="韩梅梅"), MALL, "possible"),
        (Said(claimed=(phone("13800130800"),), name="李晓雷"), MALL, "certain"),
        (Said(claimed=(phone("13800130800"),)), MALL, "none"),
        (Said(claimed=(phone("13999999999"),), name="李晓雷", address=HOME), MALL, "certain"),
        (Said(name="李晓雷", birthday="1990-02-03"), MALL, "certain"),
        (Said(name="李晓雷"), MALL, "none"),
        (Said(birthday="1990-02-03"), MALL, "none"),
        (Said(device="d1"), MALL, "possible"),
        (Said(), Said(), "none"),
    ],
    ids=[
        "one openid", "one card", "a card that another uses", "a number one has shown",
        "a number that both only said", "a number with two names", "a number given to another",
        "number and name", "number and surname", "a household", "brothers", "father and son",
        "husband and wife", "a slip in the number", "a slip alone", "a new number",
        "name and birthday", "a name alone", "a birthday alone", "a device alone", "nothing",
    ],
)  # fmt: skip
def test_the_rules(one, other, certainty):
    assert likeness(one, other).certainty == certainty
    assert likeness(other, one).certainty == certainty


def test_confidence_is_whole_basis_points_and_comes_with_its_evidence():
    found = likeness(Said(claimed=(phone(),), name="李晓雷"), MALL)
    assert type(found.confidence) is int
    assert 9_800 <= found.confidence <= 10_000
    assert [(each.about, each.relation) for each in found.evidence] == [
        ("phone", "same"), ("name", "same")
    ]  # fmt: skip


def test_evidence_repeats_nothing_personal():
    text = repr(likeness(MALL, MALL).evidence)
    assert not any(word in text for word in ("13800138000", "李", "文三", "1990"))


@pytest.mark.parametrize(
    ("one", "other", "relation"),
    [
        ("李雷", "李雷先生", "same"),
        ("李 雷", "李雷", "same"),
        ("李雷", "李*", "part"),
        ("欧阳", "欧阳锋", "part"),
        ("欧阳锋", "欧阳克", "near"),
        ("李雷", "李磊", "conflict"),
        ("李雷", "王雷", "conflict"),
        ("李雷", "阳光小店", None),
        ("李雷", "Li Lei", None),
        ("Lei Li", "LI LEI", "same"),
        ("L. Li", "Lei Li", "part"),
        ("Lei Li", "Mei Han", "conflict"),
        ("sunny", "Lei Li", None),
    ],
)
def test_names(one, other, relation):
    assert relation_of_names(clean_name(one), clean_name(other)) == relation


@pytest.mark.parametrize(
    ("other", "relation"),
    [
        ("文三路 1号 3-502", "same"),
        ("杭州市文三路１号三幢502", "same"),
        ("文三路1号3幢503室", "house"),
        ("文三路11号3幢502室", None),
        ("文二路1号3幢502室", None),
    ],
)
def test_addresses(other, relation):
    assert relation_of_addresses(clean_address(HOME), clean_address(other)) == relation


@pytest.mark.parametrize(
    ("kind", "typed", "issuer", "value"),
    [
        ("phone", "+86 138-0013-8000", "", "8613800138000"),
        ("email", " Li@Example.COM ", "", "li@example.com"),
        ("wechat_openid", "oAbC_-123", "wx1", "oAbC_-123"),
        ("wechat_unionid", "uAbC123", "", "uAbC123"),
        ("till", " 10 023 ", "pospal", "10023"),
        ("card", "ab-88 01", "", "AB8801"),
    ],
)
def test_every_kind_of_identity_has_one_form(kind, typed, issuer, value):
    assert identity_as(kind, typed, issuer) == Identity(kind=kind, value=value, issuer=issuer)


@pytest.mark.parametrize(
    ("kind", "typed"),
    [("wechat_openid", "oAbC_-123"), ("till", "1"), ("card", ""), ("phone", "1")],
)
def test_what_cannot_be_an_identity_is_refused(kind, typed):
    with pytest.raises(BadContact):
        identity_as(kind, typed)
