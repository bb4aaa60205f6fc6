"""WeChat Pay keeps what every gateway promises, against the simulator in a process of its own."""

import shutil
from pathlib import Path

import pytest

from jishi.testing.contracts import PaymentContract
from jishi.testing.contracts.payment import Delivery
from jishi_wechat_pay import WechatPay


class TestWechatPay(PaymentContract):
    plugin = WechatPay

    @pytest.fixture
    def migrated_database_url(self, sqlite_template: Path, tmp_path: Path) -> str:
        shutil.copyfile(sqlite_template, tmp_path / "shop.db")
        return f"sqlite:///{tmp_path / 'shop.db'}"

    @pytest.fixture(autouse=True)
    def remember_desk(self, desk):
        self.desk = desk

    async def pay(self, attempt: str) -> Delivery:
        await self.desk.control("POST", f"/orders/{attempt}/pay")
        body = await self.desk.news_of(attempt)
        headers = {name.lower(): value for name, value in self.desk.signed(body).items()}
        return Delivery(headers, body)
