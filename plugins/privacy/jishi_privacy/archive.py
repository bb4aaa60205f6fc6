"""Everything known about a member as one ZIP archive: JSON, a table for each room, a page to read.

The tables open in spreadsheets: UTF-8 with a byte order mark, and a text that a spreadsheet would
take for a formula is quoted.
"""

import csv
import io
import zipfile
from collections.abc import Mapping
from datetime import datetime
from html import escape

import msgspec

from jishi.db import Value
from jishi.dossiers import Dossier, Found

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_STYLE = (
    "body{font:16px/1.6 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem}"
    "table{border-collapse:collapse;font-size:14px}"
    "td,th{border:1px solid #ccc;padding:.2rem .5rem;"
    "text-align:left;vertical-align:top;max-width:30rem;overflow-wrap:anywhere}"
    "div{overflow-x:auto}"
)


def pack(dossier: Dossier, shop: str, made_at: datetime) -> bytes:
    """The archive's bytes.

    Args:
        dossier: Everything known.
        shop: The shop's name.
        made_at: When it was gathered, UTC.
    """
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("index.html", _page(dossier, shop, made_at))
        archive.writestr("data.json", _document(dossier, shop, made_at))
        for name, found in sorted(dossier.found.items()):
            archive.writestr(f"tables/{name}.csv", _sheet(found))
    return file.getvalue()


def _document(dossier: Dossier, shop: str, made_at: datetime) -> bytes:
    tables = {
        name: {
            "title": found.table.title[0],
            "title_zh": found.table.title[1],
            "after_erasure": _fate(found),
            "rows": found.records(),
        }
        for name, found in sorted(dossier.found.items())
    }
    whole = {
        "shop": shop,
        "made_at": made_at,
        "member_ids": dossier.ids,
        "identities": dossier.identities,
        "tables": tables,
    }
    return msgspec.json.format(msgspec.json.encode(whole), indent=2)


def _sheet(found: Found) -> bytes:
    text = io.StringIO(newline="")
    sheet = csv.writer(text)
    sheet.writerow(found.readable)
    for record in found.records():
        sheet.writerow([_cell(value) for value in record.values()])
    return text.getvalue().encode("utf-8-sig")


def _cell(value: Value) -> str:
    text = _text(value)
    return f"'{text}" if isinstance(value, str) and text.startswith(_FORMULA) else text


def _text(value: Value) -> str:
    if value is None:
        return ""
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _fate(found: Found) -> str:
    match found.table.erasure:
        case "delete":
            return "deleted"
        case "columns":
            return f"blanked; {found.table.because}" if found.table.because else "blanked"
        case _:
            return f"kept: {found.table.because}"


def _page(dossier: Dossier, shop: str, made_at: datetime) -> bytes:
    parts = [
        '<!doctype html><html lang="zh-CN"><meta charset="utf-8">',
        f"<title>{escape(shop)}</title><style>{_STYLE}</style>",
        f"<h1>{escape(shop)}：我们所知道的您 / What we know about you</h1>",
        f"<p>{made_at:%Y-%m-%d %H:%M} UTC。同样的内容在 data.json 与 tables/*.csv 中。"
        " The same stands in data.json and tables/*.csv.</p>",
        f"<p>会员编号 / Member: {escape(', '.join(dossier.ids))}</p>",
    ]
    parts += [_section(name, found) for name, found in sorted(dossier.found.items())]
    return "".join([*parts, "</html>"]).encode()


def _section(name: str, found: Found) -> str:
    english, chinese = found.table.title
    head = "".join(f"<th>{escape(column)}</th>" for column in found.readable)
    rows = "".join(f"<tr>{_cells(record)}</tr>" for record in found.records())
    return (
        f"<h2>{escape(chinese)} / {escape(english)}</h2>"
        f"<p><code>{escape(name)}</code> · 注销后 / after erasure: {escape(_fate(found))}</p>"
        f"<div><table><tr>{head}</tr>{rows}</table></div>"
    )


def _cells(record: Mapping[str, Value]) -> str:
    return "".join(f"<td>{escape(_text(value))}</td>" for value in record.values())
