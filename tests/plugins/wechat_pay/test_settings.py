"""A merchant's settings: what is wrong is said in a sentence that shows no secret."""

from importlib.metadata import entry_points

import msgspec
import pytest

from jishi.config import Secret, Source, describe
from jishi.config.problems import ConfigProblem
from jishi_wechat_pay import ChannelSettings, WechatPay, WechatPaySettings
from jishi_wechat_pay.simulator import keep_keys
from jishi_wechat_pay.simulator.process import Running


def test_the_plugin_is_found_by_its_name():
    [found] = entry_points(group="jishi.plugins", name="wechat_pay")
    assert found.load() is WechatPay
    assert WechatPay.declaration.name == "wechat_pay"


def test_the_plugin_brings_one_gateway(settings):
    [gateway] = WechatPay(settings).register_gateways()
    assert (gateway.name, gateway.title) == ("wechat_pay", "微信支付")


def test_the_settings_of_the_simulator_are_a_merchants_settings(tmp_path, clock):
    keys = keep_keys(tmp_path, "1900000109", ["wxd678efh567hg6787"], clock.now())
    running = Running(
        address="http://127.0.0.1:8700", keys=tmp_path, merchant=keys.merchant, process=None
    )
    read = Source(tmp_path).read(running.settings, WechatPaySettings, "plugins.wechat_pay")
    assert read.mchid == "1900000109"
    assert read.api_v3_key.reveal().encode() == keys.api_v3_key


def test_keys_are_made_once_and_kept(tmp_path, clock):
    first = keep_keys(tmp_path / "keys", "1900000109", ["wx1234"], clock.now())
    second = keep_keys(tmp_path / "keys", "1900000109", ["wx1234"], clock.now())
    assert first.merchant == second.merchant
    assert first.api_v3_key == second.api_v3_key
    assert first.certificate_serial == second.certificate_serial


def test_a_folder_keeps_the_keys_of_one_merchant(tmp_path, clock):
    keep_keys(tmp_path, "1900000109", ["wx1234"], clock.now())
    with pytest.raises(ValueError, match="keys of merchant 1900000109"):
        keep_keys(tmp_path, "1900000110", ["wx1234"], clock.now())


WRONG = {
    "api_v3_key": (Secret("sesame-" * 2), "exactly 32 characters"),
    "private_key": (Secret("sesame"), "an RSA private key in PEM"),
    "public_key": (None, "belong together"),
    "public_key_id": ("5DEA10EF55877E3CF6C33255C2E7DEFFF7E427EC", "PUB_KEY_ID_"),
    "hosts": ((), "at least one address"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_setting_is_named_without_showing_secrets(settings, name):
    value, sentence = WRONG[name]
    with pytest.raises(ValueError, match=sentence) as wrong:
        msgspec.structs.replace(settings, **{name: value})
    assert name in str(wrong.value)
    assert "sesame" not in str(wrong.value)


def test_a_public_key_file_that_is_not_there_is_named(settings, tmp_path):
    with pytest.raises(ValueError, match=r"gone\.pem cannot be read"):
        msgspec.structs.replace(settings, public_key=tmp_path / "gone.pem")


def test_a_public_key_file_with_something_else_is_named(settings, tmp_path):
    (tmp_path / "else.pem").write_text("sesame")
    with pytest.raises(ValueError, match="does not hold an RSA public key"):
        msgspec.structs.replace(settings, public_key=tmp_path / "else.pem")


def test_answers_must_be_verifiable_somehow(settings):
    with pytest.raises(ValueError, match="cannot be verified"):
        msgspec.structs.replace(settings, public_key=None, public_key_id=None)


def test_an_unknown_key_and_a_missing_secret_are_findings(tmp_path):
    table = {"mchid": "19000001", "appid": "wx1234", "serial_no": "ABCDEF12", "app_id": "wx"}
    with pytest.raises(ConfigProblem) as problem:
        Source(tmp_path).read(table, WechatPaySettings, "plugins.wechat_pay")
    assert "plugins.wechat_pay.app_id" in str(problem.value)
    assert "plugins.wechat_pay.private_key" in str(problem.value)


def test_a_channel_may_have_its_own_app_and_methods(settings):
    own = {"mini": ChannelSettings(appid="wxminiprogram")}
    changed = msgspec.structs.replace(settings, channels=own)
    assert changed.appid_in("mini") == "wxminiprogram"
    assert changed.appid_in("web") == "wxd678efh567hg6787"
    assert changed.appids() == {"wxminiprogram", "wxd678efh567hg6787"}


def test_secrets_are_not_printed(settings):
    text = repr(settings)
    assert settings.api_v3_key.reveal() not in text
    assert "BEGIN PRIVATE KEY" not in text


def test_every_setting_is_explained():
    silent = [each.name for each in describe(WechatPaySettings) if not each.help]
    assert silent == []
