"""What a mini-program code stands for: a short scene for a product, a store or a table.

A scene has at most 32 characters of a small set, an id of ours has 36. So it is derived: the same
thing has the same scene for ever, and a code that is printed and stuck to a table stays right.
"""

import base64
import hashlib
import re
from typing import Literal

import msgspec

from jishi.plugins import Desk, Writing
from jishi.problems import NotFound

Kind = Literal["product", "store", "table"]
SCENE = re.compile(r"[0-9A-Za-z!#$&'()*+,/:;=?@\-._~]{1,32}")
"""What WeChat takes."""

_KEEP = (
    "INSERT INTO wechat_miniprogram_scenes (id, kind, target, store, noted_at) "
    "VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING"
)
_FIND = "SELECT kind, target, store FROM wechat_miniprogram_scenes WHERE id = $1"


class Scene(msgspec.Struct, frozen=True):
    """What somebody scanned.

    Attributes:
        kind: What it is.
        target: The product's id, the store's code, the table's name.
        store: The store of a table; empty otherwise.
    """

    kind: Kind
    target: str
    store: str = ""


def scene_of(scene: Scene) -> str:
    """The text inside the code: ``p.`` and 16 letters for a product."""
    digest = hashlib.sha256(f"{scene.kind}\n{scene.target}\n{scene.store}".encode()).digest()
    return f"{scene.kind[0]}.{base64.b32encode(digest[:10]).decode().lower()}"


async def keep_scene(desk: Desk, scene: Scene) -> str:
    """Remember what a scene stands for and give its text."""
    text = scene_of(scene)

    async def work(tx: Writing) -> None:
        await tx.execute(_KEEP, text, scene.kind, scene.target, scene.store, desk.now())

    await desk.atomically(work)
    return text


async def find_scene(desk: Desk, text: str) -> Scene:
    """What a scene stands for.

    Raises:
        NotFound: No code of this shop carries it.
    """
    found = await desk.one_as(Scene, _FIND, text) if SCENE.fullmatch(text) else None
    if found is None:
        raise NotFound("No code of this shop says that.", next_step="Scan it again.")
    return found
