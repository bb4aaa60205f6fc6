"""The plugin keeps what every plugin promises."""

import pytest

from jishi.testing.contracts import PluginContract
from jishi_wechat_miniprogram import WechatMiniprogram


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request) -> str:
    return request.param


class TestWechatMiniprogram(PluginContract):
    plugin = WechatMiniprogram

    @pytest.fixture
    def plugin_settings(self, plugin_settings):
        return plugin_settings
