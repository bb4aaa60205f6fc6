import copy
import json
import pickle

import msgspec
import pytest

from jishi.config import ConfigProblem, Secret, Source


class Keys(msgspec.Struct, frozen=True, kw_only=True):
    key: Secret
    old: Secret | None = None
    more: tuple[Secret, ...] = ()


@pytest.fixture
def source(tmp_path):
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "key.pem").write_text("-----BEGIN-----\nabc\n", "utf-8")
    (tmp_path / "secrets" / "empty").write_text("\n", "utf-8")
    return Source(tmp_path, environ={"KEY": "hunter2", "NOTHING": ""})


def refused(source, value):
    with pytest.raises(ConfigProblem) as caught:
        source.read(value, Keys, "pay")
    return str(caught.value)


def test_a_secret_comes_from_the_environment(source):
    assert source.read({"key": {"env": "KEY"}}, Keys, "pay").key.reveal() == "hunter2"


def test_a_secret_comes_from_a_file_beside_the_build(source):
    keys = source.read({"key": {"file": "secrets/key.pem"}}, Keys, "pay")
    assert keys.key.reveal() == "-----BEGIN-----\nabc"


def test_a_secret_in_the_file_itself_is_refused_and_not_repeated(source):
    said = refused(source, {"key": "hunter2"})
    assert "pay.key: a secret does not belong in this file" in said
    assert '{ env = "NAME" }' in said
    assert "hunter2" not in said


@pytest.mark.parametrize(
    "value", ["hunter2", ["hunter2"], [{"env": "KEY"}, "hunter2"], {"value": "hunter2"}]
)
def test_no_wrong_value_that_could_be_a_secret_is_repeated(source, value):
    assert "hunter2" not in refused(source, {"key": {"env": "KEY"}, "more": value})


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({"env": "MISSING"}, "the environment variable MISSING is not set; export MISSING=..."),
        ({"env": "NOTHING"}, "the environment variable NOTHING is empty"),
        ({"file": "secrets/gone"}, "secrets/gone does not exist; create it"),
        ({"file": "secrets/empty"}, "secrets/empty is empty"),
        ({"file": "secrets"}, "cannot be read: Is a directory"),
        ({"env": "KEY", "file": "x"}, "does not belong in this file"),
    ],
)
def test_a_secret_that_cannot_be_had_says_why(source, value, said):
    assert said in refused(source, {"key": value})


def test_a_missing_secret_says_how_to_write_it(source):
    assert 'pay.key: missing; write it as { env = "NAME" }' in refused(source, {})


def test_a_secret_is_never_shown():
    secret = Secret("hunter2")
    assert f"{secret} {secret!r} {secret!s:>5} {[secret]}" == "*** ***   *** [***]"
    assert "hunter2" not in repr(Keys(key=secret))


def test_a_secret_is_never_encoded():
    with pytest.raises(TypeError):
        msgspec.json.encode(Keys(key=Secret("hunter2")))
    with pytest.raises(TypeError):
        json.dumps({"key": Secret("hunter2")})
    with pytest.raises(TypeError, match="cannot be pickled"):
        pickle.dumps(Secret("hunter2"))


def test_secrets_are_compared_by_what_they_hold():
    assert Secret("a") == Secret("a") == copy.deepcopy(Secret("a"))
    assert Secret("a") != Secret("b")
    assert Secret("a") != "a"
    assert len({Secret("a"), Secret("a")}) == 1


def test_a_secret_is_not_empty():
    with pytest.raises(ValueError, match="empty"):
        Secret("")
