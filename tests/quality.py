"""How far each plugin of this repository is: the table of docs/plugins/quality.md, from facts."""

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

from jishi.builtin import BUILTIN
from jishi.config import describe
from jishi.plugins import Plugin
from jishi_content_review import ContentReview
from jishi_flash_sale import FlashSale
from jishi_group_buy import GroupBuy
from jishi_live_stream import LiveStream
from jishi_loyalty import Loyalty
from jishi_privacy import Privacy
from jishi_promotions import Promotions
from jishi_wechat_miniprogram import WechatMiniprogram
from jishi_wechat_pay import WechatPay

ROOT = Path(__file__).parent.parent
PLUGINS: tuple[type[Plugin], ...] = (
    *BUILTIN.values(),
    ContentReview,
    FlashSale,
    GroupBuy,
    LiveStream,
    Loyalty,
    Privacy,
    Promotions,
    WechatMiniprogram,
    WechatPay,
)


class Facts:
    """What can be seen of a plugin from outside.

    Args:
        plugin: Its class.
    """

    def __init__(self, plugin: type[Plugin]) -> None:
        self.declaration = plugin.declaration
        self.name = plugin.declaration.name
        self.own = self.name not in BUILTIN
        self.folder = ROOT / "plugins" / self.name
        self.contracts = list(_contracts(plugin))

    def helped(self) -> bool:
        """Every setting has a help text."""
        return all(each.help for each in self._settings())

    def contracted(self) -> bool:
        """A test class holds it to the contract of its kind."""
        return bool(self.contracts)

    def documented(self) -> bool:
        """Every setting is in the README, or on the settings page for what comes with the core."""
        page = self.folder / "README.md" if self.own else ROOT / "docs/merchants/settings.md"
        text = page.read_text("utf-8")
        return all(f"| `{each.name}` |" in text for each in self._settings())

    def kept(self) -> bool:
        """No promise is named as broken, but for the entry point that a built-in one lacks."""
        broken = [ast.unparse(each) for one in self.contracts for each in _value(one, "broken")]
        return set(broken) <= ({"INSIDE"} if not self.own else set())

    def both_engines(self) -> bool:
        """The contract runs on SQLite and on PostgreSQL."""
        return any(not _on_sqlite(one) for one in self.contracts)

    def tested(self) -> bool:
        """There are tests of its own beside the contract."""
        if not self.own:
            texts = (file.read_text("utf-8") for file in (ROOT / "tests/core").rglob("test_*.py"))
            return sum(self.name in text for text in texts) > 1
        return len(list((ROOT / "tests/plugins" / self.name).glob("test_*.py"))) > 1

    def goes_out_openly(self) -> bool:
        """It declares its hosts and has no HTTP client of its own."""
        files = [*self.folder.rglob("*.py")] if self.own else []
        code = [file.read_text("utf-8") for file in files if "simulator" not in file.parts]
        if any("httpx.AsyncClient(" in text for text in code):
            return False
        return bool(self.declaration.hosts) or not any("open_client" in text for text in code)

    def simulated(self) -> bool:
        """Whom it talks to can be run as a process of its own, from the distribution."""
        return not self.declaration.hosts or any(self.folder.rglob("simulator/__main__.py"))

    def in_chinese(self) -> bool:
        """Its README, or the settings page, is there in Chinese as well."""
        page = self.folder / "README.zh-CN.md" if self.own else ROOT / "docs/merchants"
        return page.exists() if self.own else (page / "settings.zh.md").exists()

    def upgraded(self) -> bool:
        """Databases of earlier releases are upgraded in a test; nothing to do without tables."""
        return not self.declaration.tables

    def live(self) -> bool:
        """Changed settings count at once, in every process."""
        return self.declaration.settings is None or self.declaration.live_settings == "yes"

    def cross_checked(self) -> bool:
        """Somebody else's code or figures agree with it: recorded vectors, a foreign client."""
        folder = ROOT / "tests/plugins" / self.name
        return any(folder.glob("test_vectors.py")) or any(folder.glob("test_independent*.py"))

    def _settings(self) -> list[object]:
        settings = self.declaration.settings
        return list(describe(settings)) if settings is not None else []


Rule = Callable[[Facts], bool]
LEVELS: dict[str, dict[str, Rule]] = {
    "bronze": {
        "contract": Facts.contracted,
        "help for every setting": Facts.helped,
        "settings in a table": Facts.documented,
    },
    "silver": {
        "no broken promise": Facts.kept,
        "contract on both engines": Facts.both_engines,
        "tests of its own": Facts.tested,
        "declared hosts": Facts.goes_out_openly,
    },
    "gold": {
        "simulator": Facts.simulated,
        "page in Chinese": Facts.in_chinese,
        "upgrades tested": Facts.upgraded,
    },
    "platinum": {
        "live settings": Facts.live,
        "checked by others": Facts.cross_checked,
    },
}


def quality() -> str:
    """A Markdown table: every plugin, its level and everything that is missing."""
    rows = []
    for plugin in PLUGINS:
        facts = Facts(plugin)
        missing = {
            level: [rule for rule, holds in rules.items() if not holds(facts)]
            for level, rules in LEVELS.items()
        }
        said = "; ".join(
            f"{level}: {', '.join(rules)}" for level, rules in missing.items() if rules
        )
        rows.append(f"| {facts.name} | {_reached(missing)} | {said or 'nothing'} |")
    return "\n".join(["| plugin | level | missing |", "|---|---|---|", *rows])


def _reached(missing: dict[str, list[str]]) -> str:
    reached = "none yet"
    for level, rules in missing.items():
        if rules:
            break
        reached = level
    return reached


def _contracts(plugin: type[Plugin]) -> Iterator[ast.ClassDef]:
    """Classes of tests that hold a plugin to a contract."""
    name = plugin.declaration.name
    wanted = {plugin.__name__, f"BUILTIN['{name}']"}
    for file in (ROOT / "tests").rglob("test_contract*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef):
                bases = [ast.unparse(base) for base in node.bases]
                held = {ast.unparse(each) for each in _value(node, "plugin")}
                if any(base.endswith("Contract") for base in bases) and held & wanted:
                    yield node


def _value(tested: ast.ClassDef, name: str) -> Iterator[ast.expr]:
    for node in tested.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name:
            yield node.value


def _on_sqlite(tested: ast.ClassDef) -> bool:
    bases = {ast.unparse(base) for base in tested.bases}
    fixtures = {getattr(node, "name", "") for node in tested.body}
    return "OnSqlite" in bases or "migrated_database_url" in fixtures
