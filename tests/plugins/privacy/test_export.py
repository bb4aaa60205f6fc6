"""A member gets everything that is known about him, and nobody else does."""

import csv
import io
import json
import zipfile
from datetime import timedelta

from jishi.dossiers import schema_of
from jishi.testing.traces import traces_of


async def ask(person, runner) -> dict:
    asked = await person.shopper.send("POST", "/privacy/export")
    assert asked.status_code == 202, asked.text
    await runner.drain()
    path = f"/privacy/requests/{asked.json()['id']}"
    return (await person.shopper.send("GET", path)).json()


async def fetch(person, client, request: dict):
    made = await person.shopper.send("POST", f"/privacy/requests/{request['id']}/link")
    assert made.status_code == 201, made.text
    return await client.get(made.json()["path"])


def opened(answer) -> zipfile.ZipFile:
    assert answer.status_code == 200, answer.text
    return zipfile.ZipFile(io.BytesIO(answer.content))


async def test_an_archive_has_every_row_that_mentions_the_member(
    shop, client, alice, bob, buy, runner
):
    for one in (alice, bob):
        await buy(one)
    word = {"purpose": "marketing", "version": "2026-01", "verdict": "given"}
    await alice.shopper.send("POST", "/privacy/consents", json=word)
    await runner.drain()
    known = await traces_of(shop.database, (alice.id, *alice.words))
    request = await ask(alice, runner)
    assert (request["state"], request["progress"]) == ("done", 100)
    archive = opened(await fetch(alice, client, request))
    document = json.loads(archive.read("data.json"))
    for trace in known:
        table, _, column = trace.place.partition(".")
        rows = document["tables"][table]["rows"]
        assert any(trace.word in str(row.get(column)) for row in rows), trace
    everything = "".join(archive.read(name).decode() for name in archive.namelist())
    assert [word for word in (bob.id, *bob.words) if word in everything] == []
    assert all(word in everything for word in alice.words)
    assert document["tables"]["orders_orders"]["rows"][0]["contact"] == alice.phone
    assert set(document["tables"]) <= set(await schema_of(shop.database))


async def test_archives_open_in_a_spreadsheet_and_a_browser_and_run_nothing(
    shop, client, alice, buy, runner
):
    alice.note = "=HYPERLINK(1)<script>alert(1)</script>"
    await buy(alice)
    archive = opened(await fetch(alice, client, await ask(alice, runner)))
    sheet = archive.read("tables/orders_orders.csv")
    assert sheet.startswith(b"\xef\xbb\xbf")
    [row] = csv.DictReader(io.StringIO(sheet.decode("utf-8-sig")))
    assert row["note"].startswith("'=HYPERLINK(1)")
    page = archive.read("index.html").decode()
    assert "我们所知道的您 / What we know about you" in page
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    parts = await shop.database.fetch("SELECT data FROM privacy_parts")
    assert parts
    assert all(str(data).startswith("s1.k1.") for (data,) in parts)


async def test_a_link_works_for_minutes_and_only_the_newest_and_ones_own(
    shop, client, alice, bob, runner
):
    request = await ask(alice, runner)
    path = f"/privacy/requests/{request['id']}"
    assert (await bob.shopper.send("GET", path)).status_code == 404
    assert (await bob.shopper.send("POST", f"{path}/link")).status_code == 404
    first = (await alice.shopper.send("POST", f"/privacy/requests/{request['id']}/link")).json()
    second = (await alice.shopper.send("POST", f"/privacy/requests/{request['id']}/link")).json()
    assert (await client.get(first["path"])).status_code == 404
    assert (await client.get(second["path"])).status_code == 200
    shop.clock.advance(timedelta(minutes=16))
    assert (await client.get(second["path"])).status_code == 404


async def test_an_archive_that_nobody_fetched_is_thrown_away(shop, client, alice, runner):
    request = await ask(alice, runner)
    made = (await alice.shopper.send("POST", f"/privacy/requests/{request['id']}/link")).json()
    shop.clock.advance(timedelta(hours=74))
    await runner.drain()
    assert await shop.database.fetch("SELECT 1 FROM privacy_parts") == []
    assert (await client.get(made["path"])).status_code == 404


async def test_archives_are_made_a_few_times_a_day(alice):
    answers = [(await alice.shopper.send("POST", "/privacy/export")).status_code for _ in range(4)]
    assert answers == [202, 202, 202, 429]
