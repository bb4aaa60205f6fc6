"""What no database keeps is refused before it gets there, in every field, on both engines."""

from pathlib import Path
from runpy import run_path

import pytest

_PAYLOADS = run_path(str(Path(__file__).with_name("test_payloads.py")))
REFUSED = _PAYLOADS["REFUSED"]
customer_writes = _PAYLOADS["customer_writes"]
send = _PAYLOADS["send"]
staff_writes = _PAYLOADS["staff_writes"]
version_of = _PAYLOADS["version_of"]


@pytest.mark.parametrize("text", REFUSED)
async def test_what_no_database_keeps_is_refused_everywhere(client, town, text):
    for method, path, body in [*customer_writes(town, text), *staff_writes(town, text)]:
        who = "owner" if path.startswith("/admin") else "member_a"
        if body.get("version") == "?":
            body["version"] = await version_of(client, town)
        answer = await send(client, town.headers(who), method, path, body)
        assert answer.status_code in (400, 422), (path, body, answer.text)
