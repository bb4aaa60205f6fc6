"""A person with a phone: from the home page to a paid order, in a real browser.

The shop is a process of its own, WeChat Pay's simulator another; a second page of the browser is
the phone's payment app.
"""

import csv
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path

import httpx
import pytest

from jishi.demo.pictures import write_pictures
from jishi_wechat_pay.simulator import Running, running_simulator

playwright = pytest.importorskip("playwright.sync_api", reason="pip install playwright")

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or ""
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-quic",
    "--no-first-run",
    "--disable-component-update",
    "--disable-sync",
]
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
TOML = """
[shop]
name = "春风集"
secret = {{ env = "SHOP_SECRET" }}
base_url = "{address}"
[server]
port = {port}
[plugins]
enabled = ["wechat_pay"]
[plugins.wechat_pay]
{settings}
"""

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(not CHROMIUM, reason="NO BROWSER: apt-get install chromium"),
]


@pytest.fixture(scope="module")
def simulator(tmp_path_factory) -> Iterator[Running]:
    with running_simulator(tmp_path_factory.mktemp("keys"), speed=20) as running:
        yield running


@pytest.fixture(scope="module")
def shop_address(simulator: Running, tmp_path_factory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("build")
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    settings = "\n".join(f"{name} = {toml(value)}" for name, value in simulator.settings.items())
    text = TOML.format(address=address, port=port, settings=settings)
    (folder / "jishi.toml").write_text(text, "utf-8")
    rows = (files("jishi.demo") / "catalogue.csv").read_text("utf-8").splitlines(keepends=True)
    (folder / "goods.csv").write_text("".join(rows[:40]), "utf-8")
    write_pictures(folder / "media" / "demo", csv.DictReader(rows[:40]))
    for command in (["db", "upgrade"], ["import", "goods.csv"]):
        subprocess.run(jishi(*command), cwd=folder, env=environment(), check=True)
    with serving(folder, address):
        yield address


def jishi(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "jishi.cli", *arguments]


def environment() -> dict[str, str]:
    kept = {name: text for name, text in os.environ.items() if not name.startswith("JISHI_")}
    return {**kept, "SHOP_SECRET": "0123456789abcdef0123456789abcdef0123456789abcdef"}


def toml(value) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{name} = {toml(one)}" for name, one in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    return f'"{value}"'


@contextmanager
def serving(folder: Path, address: str) -> Iterator[None]:
    with (folder / "serve.log").open("wb") as log:
        process = subprocess.Popen(
            jishi("serve"), cwd=folder, env=environment(), stdout=log, stderr=log
        )
        try:
            wait_for(f"{address}/health/ready", process, folder / "serve.log")
            yield
        finally:
            process.terminate()
            process.wait(timeout=30)


def wait_for(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 90
    with httpx.Client(trust_env=False, timeout=5) as http:
        while time.monotonic() < deadline and process.poll() is None:
            try:
                if http.get(address).is_success:
                    return
            except httpx.TransportError:
                time.sleep(0.1)
    raise TimeoutError(f"{address} does not answer:\n{log.read_text(errors='replace')[-3000:]}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def browser():
    with playwright.sync_playwright() as running:
        started = running.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield started
        started.close()


@contextmanager
def phone(browser, address: str, **more):
    """A phone on which no page of the shop may fail anywhere."""
    context = browser.new_context(**PHONE, locale="zh-CN", **more)
    context.set_default_timeout(30_000)
    complaints: list[str] = []

    def hear(told) -> None:
        if told.type == "error" and told.location["url"].startswith(address):
            complaints.append(f"{told.text} {told.location['url']}")

    context.on("weberror", lambda error: complaints.append(str(error.error)))
    context.on("console", hear)
    yield context
    context.close()
    assert complaints == []


def order_something(page, address: str) -> None:
    page.goto(address)
    page.get_by_role("navigation", name="商品分类").get_by_role("link").first.click()
    page.locator("a.good").first.click()
    page.get_by_role("button", name="加入购物车").click()
    page.get_by_role("link", name="去结算").click()
    page.get_by_label("收货人").fill("王小明")
    page.get_by_label("手机号", exact=True).fill("13800138000")
    page.get_by_label("省份").select_option("浙江省")
    page.get_by_label("城市").fill("杭州市")
    page.get_by_label("详细地址").fill("文三路 100 号")
    page.get_by_role("button", name="提交订单").click()
    page.wait_for_url(re.compile(r"/orders/[^/]+/pay$"))


def test_from_home_to_a_paid_order_by_scanning(browser, shop_address, simulator):
    with phone(browser, shop_address) as context:
        page = context.new_page()
        order_something(page, shop_address)
        page.get_by_role("button", name="扫码").click()
        playwright.expect(page.locator("svg.qr")).to_be_visible()
        app = context.new_page()
        app.goto(simulator.address)
        app.get_by_role("link").first.click()
        app.get_by_role("button", name="确认支付").click()
        page.bring_to_front()
        page.wait_for_url(re.compile(r"/orders/[^/]+$"))
        playwright.expect(page.get_by_role("heading", level=1)).to_have_text("待发货")


def test_from_home_to_a_paid_order_without_javascript(browser, shop_address):
    with phone(browser, shop_address, java_script_enabled=False) as context:
        page = context.new_page()
        order_something(page, shop_address)
        page.locator("button[name=way][value$=':h5']").click()
        page.get_by_role("link", name="前往支付").click()
        page.get_by_role("button", name="确认支付").click()
        page.get_by_role("link", name="返回商家").click()
        playwright.expect(page.get_by_role("heading", level=1)).to_have_text("待发货")


def test_a_product_is_bought_with_the_keyboard_alone(browser, shop_address):
    with phone(browser, shop_address) as context:
        page = context.new_page()
        page.goto(shop_address)
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.getAttribute('href')") == "#main"
        page.keyboard.press("Enter")
        for _ in range(60):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.matches('a.good')"):
                break
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile("/p/"))
        for _ in range(40):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.textContent.trim()") == "加入购物车":
                break
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline != "none"
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile("/cart$"))
        playwright.expect(page.get_by_role("link", name="去结算")).to_be_visible()


@pytest.mark.parametrize("path", ["/", "/search", "/search?q=茶", "/cart", "/orders", "/login"])
def test_no_page_is_wider_than_a_small_phone(browser, shop_address, path):
    with phone(browser, shop_address) as context:
        page = context.new_page()
        page.set_viewport_size({"width": 320, "height": 640})
        for language in ("zh-CN", "en"):
            page.goto(f"{shop_address}{path}{'&' if '?' in path else '?'}lang={language}")
            width = page.evaluate("document.documentElement.scrollWidth")
            assert width <= 320, language
