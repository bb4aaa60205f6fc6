"""``jishi demo``: a shop, its companions, one customer from search to refund, plugins' walks."""

import csv
import os
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import click
import httpx

from jishi.cli import Voice, spoken
from jishi.demo.cashier import METHOD, Cashier
from jishi.demo.companions import companions
from jishi.demo.customer import Person, fill_a_cart, yuan
from jishi.demo.login_codes import sent_code
from jishi.demo.pictures import write_pictures
from jishi.demo.processes import DemoFailed, Processes, free_port
from jishi.demo.structs import Companion, Ground
from jishi.demo.walks import resting, walks
from jishi.identifiers import new_secret

OWNER = "owner@example.com"
CATALOGUE = Path(__file__).with_name("catalogue.csv")


class Demo:
    """One run of the demo.

    Args:
        folder: Where its build lies; made when it is not there.
        voice: Speaks to whoever watches.
    """

    def __init__(self, folder: Path, voice: Voice) -> None:
        self.folder = folder.absolute()
        self.voice = voice
        self.port = free_port(8000)
        self.address = f"http://127.0.0.1:{self.port}"
        self.password = _kept_password(self.folder)
        self.steps = 0
        self.processes = Processes(
            self.folder,
            {
                "JISHI_CONFIG": str(self.folder / "jishi.toml"),
                "JISHI_SHOP_BASE_URL": self.address,
                "JISHI_SERVER_PORT": str(self.port),
                "JISHI_OWNER_PASSWORD": self.password,
            },
        )

    def set_up(self) -> dict[str, Companion]:
        """Make the build, fill the catalogue, start the companions and the shop."""
        if not (self.folder / "jishi.toml").exists():
            self.processes.run("init", str(self.folder), "--demo", "--name", "春风集")
            self.voice.say(f"build      {self.folder}")
        with CATALOGUE.open(encoding="utf-8", newline="") as rows:
            write_pictures(self.folder / "media" / "demo", csv.DictReader(rows))
        beside = companions(self.folder)
        for name, companion in beside.items():
            if companion.command:
                self.processes.start(name, companion.command, companion.address)
        self.processes.run("db", "upgrade")
        self.processes.run("import", str(CATALOGUE))
        self.voice.say(f"catalogue  {CATALOGUE.name}")
        self._own()
        serve = [sys.executable, "-m", "jishi.cli", "serve"]
        self.processes.start("shop", serve, f"{self.address}/health/ready")
        self.voice.say(f"shop       {self.address}\n")
        return beside

    def _own(self) -> None:
        """Make the owner, unless an earlier demo in this folder did."""
        marker = self.folder / "secrets" / "owner"
        if not marker.exists() or os.environ.get("JISHI_DATABASE_URL"):
            with suppress(DemoFailed):
                self.processes.run("staff", "add-owner", OWNER)
            marker.write_text(OWNER + "\n", "utf-8")

    def say(self, title: str, call: str, result: str) -> None:
        """Print one step of the walk."""
        self.steps += 1
        self.voice.say(
            f"{self.steps:2d}. {title}\n    {call}" + (f"\n    → {result}" if result else "")
        )

    def walk(self, cashier: Cashier) -> str:
        """One customer from search to a partial refund; gives the order's number."""
        with httpx.Client(base_url=self.address, timeout=30) as client:
            shopper, seller = Person(client, self.say), Person(client, self.say)
            cart = fill_a_cart(shopper)
            order = shopper.call(
                "下单 order",
                "POST",
                "/store/orders",
                body={"cart": cart["id"], "cart_version": cart["version"]},
                key=new_secret(),
                tell=lambda a: f"{a['number']} {a['status']} {yuan(a['total'])}",
            )
            self._pay(shopper, order, cashier)
            self._deliver(shopper, seller, order)
            self._give_back(shopper, seller, order)
            return str(order["number"])

    def _pay(self, shopper: Person, order: Any, cashier: Cashier) -> None:
        """Start a payment, confirm it as a person would, and wait for the notice."""
        attempt = shopper.call(
            "发起支付 pay",
            "POST",
            f"/store/orders/{order['id']}/payments",
            body={"gateway": cashier.gateway, "method": METHOD},
            tell=lambda a: ", ".join(f"{k}={v}" for k, v in a["parameters"].items()),
        )
        cashier.confirm(attempt["parameters"])
        paid = shopper.until(
            f"/store/orders/{order['id']}", lambda found: found.get("status") == "paid"
        )
        self.say(
            "收到通知 notice",
            f"POST {self.address}/notify/{cashier.gateway}",
            f"{paid['status']} {yuan(paid['paid'])}",
        )

    def walk_plugins(self, beside: Mapping[str, Companion], cashier: Cashier) -> list[str]:
        """The walks of the plugins that are on, one after the other; gives their names.

        Raises:
            DemoFailed: A step was refused, or the shop's books disagree.
        """
        ground = Ground(
            address=self.address,
            owner=OWNER,
            password=self.password,
            gateway=cashier.gateway,
            method=METHOD,
            pay=cashier.confirm,
            code=lambda phone: sent_code(self.folder / "shop.log", phone),
            say=self.say,
        )
        found = walks(self.folder)
        for name, walk in found.items():
            title = beside[name].title if name in beside else name
            self.voice.say(f"\n{title}\n")
            walk(ground)
        for name in resting(self.folder):
            self.voice.say(f"\n{name} is off in {self.folder}; --folder another walks with it")
        return list(found)

    def _deliver(self, shopper: Person, seller: Person, order: Any) -> None:
        """The shop ships, the customer receives."""
        login = seller.call(
            "店员登录 staff",
            "POST",
            "/admin/login",
            body={"email": OWNER, "password": self.password},
            tell=lambda _: OWNER,
        )
        seller.becomes(login["token"])
        seller.call(
            "发货 ship",
            "POST",
            f"/admin/orders/{order['id']}/ship",
            body={"carrier": "顺丰", "tracking": "SF1000000000001"},
            key=new_secret(),
            tell=lambda a: str(a["status"]),
        )
        shopper.call(
            "确认收货 receive",
            "POST",
            f"/store/orders/{order['id']}/receive",
            tell=lambda a: str(a["status"]),
        )

    def _give_back(self, shopper: Person, seller: Person, order: Any) -> None:
        """One piece comes back; its money goes back; the ledger is recounted."""
        line = order["lines"][0]
        seller.call(
            "部分退款 partial refund",
            "POST",
            f"/admin/orders/{order['id']}/refund",
            body={
                "lines": [{"line": line["id"], "quantity": 1}],
                "restock": "yes",
                "reason": "七天无理由退货",
            },
            key=new_secret(),
        )
        found = shopper.until(
            f"/store/orders/{order['id']}", lambda each: each.get("refunded", 0) > 0
        )
        self.say(
            "退款到账 refunded",
            f"GET {self.address}/store/orders/{order['id']}",
            yuan(found["refunded"]),
        )
        seller.call("对账 ledger", "GET", "/admin/ledger/check", tell=_right)
        shopper.call(
            "订单时间线 timeline",
            "GET",
            f"/store/orders/{order['id']}/timeline",
            tell=lambda a: " → ".join(each["step"] for each in a),
        )


def _right(answer: Any) -> str:
    if answer.get("discrepancies"):
        raise DemoFailed(f"the ledger does not add up: {answer}")
    return "每一笔都对得上 everything adds up"


def _kept_password(folder: Path) -> str:
    """The demo owner's password, the same for every run in this folder."""
    file = folder / "secrets" / "owner_password"
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(new_secret() + "\n", "utf-8")
        file.chmod(0o600)
    return file.read_text("utf-8").strip()


@click.command("demo")
@click.option("--once", is_flag=True, help="End after the walk, with a truthful exit code.")
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("demo"),
    show_default=True,
    help="Where the demo's build lies; made when it is not there.",
)
@spoken
def demo_command(voice: Voice, once: bool, folder: Path) -> int:
    """Show a whole shop: a catalogue, simulated payment, a customer's walk, plugins' walks."""
    demo = Demo(folder, voice)
    try:
        beside = _show(demo)
        return 0 if once else _stay(demo, beside)
    except (DemoFailed, httpx.HTTPError) as failure:
        click.echo(f"jishi: the demo failed: {failure}", err=True)
        return 1
    finally:
        demo.processes.stop()


def _show(demo: Demo) -> dict[str, Companion]:
    """Set up and walk; gives the companions, which still run."""
    began = time.monotonic()
    beside = demo.set_up()
    cashier = Cashier(beside, demo.say)
    number = demo.walk(cashier)
    plugins = demo.walk_plugins(beside, cashier)
    seconds = time.monotonic() - began
    demo.voice.say(f"\n完成 done: order {number}, {demo.steps} steps, {seconds:.1f} s")
    told = {"order": number, "plugins": plugins, "steps": demo.steps}
    demo.voice.document(told | {"seconds": round(seconds, 1)})
    return beside


def _stay(demo: Demo, beside: Mapping[str, Companion]) -> int:
    """Leave everything running until somebody interrupts."""
    demo.voice.say(f"\nstorefront  {demo.address}/\nAPI docs    {demo.address}/docs")
    for companion in beside.values():
        if companion.address:
            demo.voice.say(f"{companion.title}  {companion.address}")
    demo.voice.say(f"staff       {OWNER} / {demo.password}\n\nCtrl-C ends it.")
    try:
        while (fallen := demo.processes.fallen()) is None:
            time.sleep(0.5)
    except KeyboardInterrupt:
        return 0
    click.echo(f"jishi: {fallen} ended by itself; see {demo.folder / fallen}.log", err=True)
    return 1
