"""Privacy keeps what every plugin promises."""

from jishi.testing.contracts import PluginContract
from jishi_privacy import Privacy


class TestPrivacy(PluginContract):
    plugin = Privacy
    settings = {"purposes": [{"code": "marketing", "version": "1", "title": "优惠信息"}]}  # noqa: RUF012
