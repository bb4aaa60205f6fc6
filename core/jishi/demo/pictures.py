"""Draws the demo shop's product pictures, so that it needs no photographs."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple
from xml.sax.saxutils import escape
from zlib import crc32

from jishi.problems import Invalid

_HANDLE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_LONGEST_LABEL = 40


class _Look(NamedTuple):
    """Colours of one category and the drawing that stands for it.

    The drawing lies in a 240 × 240 box. Its shapes are filled with {i} (ink), {a} (accent) or
    {p} (paper), or are lines: {l} in ink, {m} thinner and in the colour of paper.
    """

    grounds: tuple[str, str, str]
    halo: str
    ink: str
    accent: str
    drawing: str

    def motif(self) -> str:
        # Attributes, not a style sheet: a policy against inline styles leaves them alone, and
        # pictures set into one page do not recolour each other.
        line = 'fill="none" stroke="{}" stroke-width="{}" stroke-linecap="round"'
        return self.drawing.format(
            i=f'fill="{self.ink}"',
            a=f'fill="{self.accent}"',
            p=f'fill="{self.halo}"',
            l=line.format(self.ink, 9),
            m=line.format(self.halo, 6),
        )


_LOOKS = {
    "茶": _Look(
        ("#dfe8d3", "#e9ead0", "#d3e2d4"),
        "#f6f5e6",
        "#3f6148",
        "#c98b4b",
        '<path {l} d="M92 74q-14-16 0-32t0-30M124 74q-14-16 0-32t0-30"/>'
        '<path {l} d="M174 118h14a24 24 0 0 1 0 48h-22"/>'
        '<path {i} d="M40 98h136c0 62-26 92-68 92s-68-30-68-92z"/>'
        '<path {a} d="M108 118c32 6 36 34 4 52-26-16-28-38-4-52z"/>'
        '<path {i} d="M34 200h148q-6 16-22 16H56q-16 0-22-16z"/>',
    ),
    "零食干货": _Look(
        ("#f7e0c4", "#f6e6bd", "#f3d8c6"),
        "#fdf3e1",
        "#6b4a2f",
        "#e0793f",
        '<circle {a} cx="92" cy="140" r="66"/>'
        '<path {i} d="M92 92l-44-20 38-2 6-24 8 24 38 2z"/>'
        '<path {i} d="M176 112c34 20 34 78 0 98-34-20-34-78 0-98z"/>'
        '<path {m} d="M176 128v66"/>',
    ),
    "厨房": _Look(
        ("#d8e3ea", "#e3e4df", "#d4dfe0"),
        "#f3f6f5",
        "#35536b",
        "#d9734e",
        '<path {l} d="M104 92L156 6M130 92L196 18"/>'
        '<path {p} d="M42 104q14-34 46-24 26-22 52-2 40-8 58 26z"/>'
        '<path {i} d="M22 104h196c0 58-36 92-72 96v14H94v-14c-36-4-72-38-72-96z"/>'
        '<path d="M40 132q26 20 53 0t53 0 53 0" fill="none" stroke="#d9734e" stroke-width="8"/>',
    ),
    "居家": _Look(
        ("#e8dfd3", "#e2ddd8", "#eadbd0"),
        "#faf4e9",
        "#5b4a42",
        "#e3a857",
        '<path {a} d="M86 20h68l46 92H40z"/>'
        '<path {i} d="M114 112h12v76h-12z"/>'
        '<path {l} d="M164 114v34"/><circle {i} cx="164" cy="154" r="8"/>'
        '<path {i} d="M72 212q0-26 48-26t48 26z"/>',
    ),
    "文具": _Look(
        ("#d9def0", "#e2e0ee", "#d5e2ee"),
        "#f5f5fb",
        "#34406e",
        "#e2725b",
        '<path {i} d="M40 34h112a12 12 0 0 1 12 12v156a12 12 0 0 1-12 12H40z"/>'
        '<path {a} d="M72 62h68v52H72z"/><path {a} d="M52 34h8v180h-8z"/>'
        '<path {m} d="M84 82h44M84 96h28"/>'
        '<path {a} d="M180 62h28v112h-28z"/><path {p} d="M180 174h28l-14 40z"/>'
        '<path {i} d="M180 44h28v22h-28zM189 200h10l-5 14z"/>',
    ),
    "宠物": _Look(
        ("#f3dfd8", "#efe3cf", "#e6e0ea"),
        "#fcf3ee",
        "#54433f",
        "#e58f6b",
        '<path {i} d="M46 24l52 34h44l52-34q14 60 6 100c-6 54-42 84-80 84s-74-30-80-84'
        'q-8-40 6-100z"/><circle {p} cx="86" cy="116" r="13"/>'
        '<circle {p} cx="154" cy="116" r="13"/>'
        '<path {a} d="M106 144h28l-14 16z"/>'
        '<path {m} d="M120 158q-4 18-22 14M120 158q4 18 22 14"/>',
    ),
    "母婴": _Look(
        ("#fbe7c9", "#f8dfdb", "#dcebe6"),
        "#fffaf0",
        "#6a5d4d",
        "#f0b13f",
        '<path {a} d="M40 134h60c22 0 14-30 14-50a44 44 0 0 1 88 0c0 26-10 34-6 58'
        ' 6 40-30 66-76 66-52 0-80-30-80-74z"/>'
        '<path {i} d="M200 78l32 10-34 16z"/><circle {i} cx="168" cy="78" r="8"/>'
        '<path {p} d="M84 146h68q-4 34-34 34t-34-34z"/>',
    ),
    "户外": _Look(
        ("#cfe0dc", "#dce3cd", "#d3e0e8"),
        "#f2f5ea",
        "#2f5550",
        "#e39a45",
        '<circle {a} cx="182" cy="56" r="28"/>'
        '<path {i} d="M4 200L82 70l40 64 22-30 92 96z" opacity=".35"/>'
        '<path {i} d="M120 96l88 112H32z"/><path {p} d="M120 128l34 80H86z"/>'
        '<path {l} d="M120 100l-10-16M120 100l10-16"/>',
    ),
    "个护": _Look(
        ("#d6e8e8", "#e6e3ee", "#dfeadf"),
        "#f5fbfa",
        "#3d6670",
        "#e6a6a0",
        '<path {i} d="M64 92q0-18 18-18h64q18 0 18 18v104q0 18-18 18H82q-18 0-18-18z"/>'
        '<path {i} d="M100 74V38H74q-12 0-12 14h-6q0-30 20-30h52v52z"/>'
        '<path {p} d="M80 112h68v64H80z"/>'
        '<path {a} d="M114 122c26 28 20 44 0 44s-26-16 0-44z"/>'
        '<circle {a} cx="192" cy="96" r="16"/><circle {p} cx="206" cy="56" r="10"/>',
    ),
    "手作": _Look(
        ("#d5dfee", "#efe0d3", "#e3e1d2"),
        "#f8f5ee",
        "#2d4a7c",
        "#d98c5f",
        '<path {l} d="M52 26l70 100M188 26l-70 100"/><circle {a} cx="52" cy="26"'
        ' r="13"/><circle {a} cx="188" cy="26" r="13"/>'
        '<circle {i} cx="120" cy="138" r="74"/>'
        '<path {m} d="M64 110q50-40 108-22M52 142q60-50 136-22M66 180q46-60 124-44M96 204q30-50'
        ' 92-38"/>'
        '<path {l} d="M150 206q40 16 78-8"/>',
    ),
    "衣饰": _Look(
        ("#eadfe3", "#e4e2d6", "#dbe2e8"),
        "#faf6f4",
        "#6d4a5c",
        "#d8a25e",
        '<path {i} d="M84 44q36 34 72 0l62 36-24 46-26-14v96H72v-96l-26 14-24-46z"/>'
        '<path {a} d="M72 158h96v14H72zM72 180h96v8H72z"/>'
        '<path {p} d="M128 100h26v28h-26z"/>',
    ),
}
_ANYTHING = _Look(
    ("#eee2d2", "#e6e3d8", "#e9ddd6"),
    "#fbf6ec",
    "#6a4a3c",
    "#d8694a",
    '<path {l} d="M120 8v24M120 180v44"/><ellipse {a} cx="120" cy="106" rx="80"'
    ' ry="66"/><path {i} d="M84 32h72v16H84zM84 164h72v16H84z"/>',
)

_SCENES = (
    '<circle cx="190" cy="172" r="132" fill="{halo}"/>',
    '<path d="M0 286q100-60 200-14t200-22v150H0z" fill="{halo}"/>',
    '<path d="M70 400V190a120 120 0 0 1 240 0v210z" fill="{halo}"/>',
    '<circle cx="300" cy="96" r="62" fill="{halo}"/><path d="M0 300h400v100H0z" fill="{halo}"/>',
)


def picture(handle: str, title: str, category: str) -> str:
    """Draws one product: its category's motif and a seal with the title's first characters.

    Args:
        handle: Decides ground and scene, so that neighbours in a list look different.
        title: Any text; it is escaped.
        category: A path such as ``茶 > 绿茶``; only its first level counts.

    Returns:
        An SVG document of less than 2 kB, 400 × 400 units, without scripts or references;
        the same arguments give the same document.
    """
    look = _LOOKS.get(category.split(">")[0].strip(), _ANYTHING)
    number = crc32(handle.encode())
    ground = look.grounds[number % 3]
    scene = _SCENES[number // 3 % len(_SCENES)].format(halo=look.halo)
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 400" role="img">'
        f"<title>{escape(_shown(title)[:_LONGEST_LABEL])}</title>"
        f'<path fill="{ground}" d="M0 0h400v400H0z"/>{scene}'
        f'<g transform="translate(70 62)">{look.motif()}</g>{_seal(title, look)}</svg>\n'
    )


def write_pictures(folder: Path, rows: Iterable[Mapping[str, str]]) -> int:
    """Writes ``<handle>.svg`` for every product among catalogue rows.

    Args:
        folder: Where the files go; made if it does not exist.
        rows: Rows with ``handle``, ``title`` and ``category_path``, one or more a product.

    Returns:
        How many files were written.

    Raises:
        Invalid: A handle is not a slug and so cannot be a file's name.
    """
    products = {row["handle"]: row for row in rows}
    for handle in products:
        _require_slug(handle)
    folder.mkdir(parents=True, exist_ok=True)
    for handle, row in products.items():
        drawn = picture(handle, row["title"], row["category_path"])
        (folder / f"{handle}.svg").write_text(drawn, encoding="utf-8", newline="\n")
    return len(products)


def _require_slug(handle: str) -> None:
    if not _HANDLE.fullmatch(handle):
        raise Invalid(
            detail=f"The handle {handle!r} cannot name a picture file.",
            field="handle",
            next_step="Use lower-case ASCII letters, digits and single hyphens.",
        )


def _shown(text: str) -> str:
    # XML has no spelling for control characters, escaped or not.
    return "".join(letter for letter in text if letter.isprintable())


def _seal(title: str, look: _Look) -> str:
    letters = [letter for letter in _shown(title) if not letter.isspace()][:2]
    if not letters:
        return ""
    height = 20 + 44 * len(letters)
    top = 376 - height
    spans = "".join(
        f'<text x="346" y="{top + 47 + 44 * place}">{escape(letter)}</text>'
        for place, letter in enumerate(letters)
    )
    return (
        f'<rect fill="{look.ink}" x="316" y="{top}" width="60" height="{height}" rx="8"/>'
        f'<g fill="{look.halo}" font-size="38" text-anchor="middle"'
        f" font-family=\"'Noto Serif SC','Songti SC',STSong,SimSun,serif\">{spans}</g>"
    )
