from typing import Annotated, Literal

import msgspec
import pytest

from jishi.config import ConfigProblem, Described, Secret, Source, describe, setting


class Fixed(msgspec.Struct, frozen=True, kw_only=True, tag="fixed"):
    fee: int = 0


class ByWeight(msgspec.Struct, frozen=True, kw_only=True, tag="weight"):
    per_kilo: int


class Points(msgspec.Struct, frozen=True, kw_only=True):
    per_yuan: Annotated[
        int, setting(title="Points per yuan", help="Earned.", unit="points", ge=0, scope="channel")
    ] = 1
    key: Annotated[Secret, setting(help="Signs.")]
    spare: Secret | None = None
    mode: Literal["earn", "burn"] | None = None
    names: tuple[str, ...] = ("a",)
    rate: Fixed | ByWeight = Fixed()
    latest: int | str = 3

    def __post_init__(self):
        if self.mode == "burn" and self.per_yuan == 0:
            raise ValueError("burning needs points to burn")


def test_settings_are_described_for_tables_and_forms():
    first, key, spare, mode, names, rate, latest = describe(Points)
    assert first == Described(
        name="per_yuan",
        type="a whole number of at least 0",
        default="1",
        title="Points per yuan",
        help="Earned.",
        unit="points",
        scope="channel",
        secret="no",
    )
    assert (key.default, key.secret, key.type) == (None, "yes", "a secret")
    assert (spare.default, spare.secret) == ("none", "yes")
    assert mode.type == 'one of "earn", "burn"'
    assert (names.type, names.default) == ("a list, each of it text", '["a"]')
    assert (rate.type, rate.title, rate.scope) == ("a table", "rate", "store")
    assert latest.type == "a whole number or text"


def read(table):
    return Source(environ={"KEY": "k"}).read({"key": {"env": "KEY"}, **table}, Points, "points")


def said(table):
    with pytest.raises(ConfigProblem) as caught:
        read(table)
    return [f"{finding.path}: {finding.said}" for finding in caught.value.findings]


def test_one_of_several_tables_is_told_by_its_tag():
    assert read({"rate": {"type": "weight", "per_kilo": 5}}).rate == ByWeight(per_kilo=5)
    assert said({"rate": {"type": "weight"}}) == [
        "points.rate.per_kilo: missing; expected a whole number"
    ]


def test_a_value_may_be_of_several_types():
    assert (read({"latest": "x"}).latest, read({"latest": 4}).latest) == ("x", 4)
    assert said({"latest": True}) == ["points.latest: expected a whole number or text, found true"]


def test_what_a_struct_refuses_by_itself_is_told_like_everything_else():
    assert said({"mode": "burn", "per_yuan": 0}) == ["points: burning needs points to burn"]


def test_a_table_where_a_value_belongs_is_refused():
    assert said({"per_yuan": {"a": 1}}) == [
        "points.per_yuan: expected a whole number of at least 0, found a table"
    ]
