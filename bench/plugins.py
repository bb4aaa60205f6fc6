"""Plugins to measure with: real distributions on the path, found by their entry points."""

from pathlib import Path

MOST = 20
"""How many are installed."""

_LANES = ("activity", "member", "promotion", "coupon", "points")
_CODE = '''\
"""Gives one fen off in one lane, and has nothing to say against a product."""

from jishi.plugins import Declaration, Plugin, hookimpl
from jishi.pricing import Offer


class Made(Plugin):
    """Plugin number {number}."""

    declaration = Declaration(name="{name}", version="1.0.0")

    @hookimpl
    def adjust_price(self, basket, lane, nets):
        if lane != "{lane}" or not nets.lines or nets.lines[0] < 100:
            return None
        return [Offer(rule="fen", reason="一分钱", amounts=(-1,) + (0,) * (len(nets.lines) - 1))]

    @hookimpl
    def review_subject(self, subject):
        return None
'''


def install_plugins(site: Path) -> list[str]:
    """Install the plugins into a folder, as pip would; gives their names.

    Repeated, it finds them there.
    """
    names = [f"bench_{number:02d}" for number in range(MOST)]
    if not site.exists():
        for number, name in enumerate(names):
            lane = _LANES[number % len(_LANES)]
            code = _CODE.format(number=number, name=name, lane=lane)
            install(site, name, f"jishi_{name}:Made", {f"jishi_{name}.py": code})
    return names


def install(site: Path, name: str, point: str, files: dict[str, str]) -> None:
    """Put one distribution with its entry point into a folder."""
    meta = site / f"jishi_{name}-1.0.0.dist-info"
    meta.mkdir(parents=True)
    for file, text in files.items():
        (site / file).write_text(text, "utf-8")
    (meta / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: jishi-{name.replace('_', '-')}\nVersion: 1.0.0\n", "utf-8"
    )
    (meta / "entry_points.txt").write_text(f"[jishi.plugins]\n{name} = {point}\n", "utf-8")
