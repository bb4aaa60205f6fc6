"""The command line says what it did, in a sentence and in an exit code."""

import asyncio

import pytest

import jishi
from jishi.cli.voice import Voice
from jishi.db import Database

GOODS = "handle,title,sku,price_yuan,stock\ntea,绿茶,TEA,9.90,5\nbad,坏行,BAD,not-a-price,1\n"
FINE = "handle,title,sku,price_yuan,stock\ntea,绿茶,TEA,9.90,5\n"


def test_the_version(plain_build):
    done = plain_build.spawn("--version")
    assert (done.returncode, done.stdout) == (0, f"jishi {jishi.__version__}\n")


def test_a_new_build_can_be_served_as_it_is(plain_build, tmp_path):
    made = plain_build.run("init", str(tmp_path / "shop"))
    assert made.returncode == 0, made.stderr
    assert {"jishi.toml", "secrets", "themes", "media"} <= {
        path.name for path in (tmp_path / "shop").iterdir()
    }
    key = tmp_path / "shop" / "secrets" / "shop.key"
    assert key.stat().st_mode & 0o077 == 0
    file = str(tmp_path / "shop" / "jishi.toml")
    assert plain_build.run("--config", file, "db", "upgrade").returncode == 0
    assert plain_build.run("--config", file, "doctor").returncode == 0


def test_a_build_is_never_overwritten(plain_build):
    before = (plain_build.folder / "jishi.toml").read_text()
    done = plain_build.run("init", ".")
    assert done.returncode == 2
    assert "is there already" in done.stderr
    assert (plain_build.folder / "jishi.toml").read_text() == before


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("[serverr]\nport = 1\n", ": serverr: unknown table; did you mean 'server'?"),
        ("[server]\nport = 70000\n", "server.port"),
        ('[plugins]\nenabled = ["loyalti"]\n', "'loyalti' is switched on but not installed"),
        ("[server]\nworkers = 2\n", "2 processes need PostgreSQL"),
    ],
)
def test_what_cannot_be_used_is_one_plain_sentence(plain_build, more, said):
    plain_build.write(more)
    done = plain_build.spawn("serve")
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr + done.stdout


def test_a_theme_that_is_not_installed_stops_the_start(plain_build):
    plain_build.write(shop='theme = "defualt"\nsecret = { file = "shop.key" }')
    done = plain_build.spawn("serve")
    assert done.returncode == 2
    assert "theme 'defualt'" in done.stderr
    assert "did you mean 'default'" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_missing_build_says_what_to_do(plain_build, tmp_path):
    done = plain_build.run("--config", str(tmp_path / "none.toml"), "db", "status")
    assert done.returncode == 2
    assert "jishi init" in done.stderr


def test_an_unknown_command_is_no_traceback(plain_build):
    done = plain_build.spawn("servve")
    assert done.returncode == 2
    assert "servve" in done.stderr
    assert "Traceback" not in done.stderr


def test_tables_are_upgraded_once(build):
    behind = build.told("db", "status")
    assert behind["code"] == 1
    assert behind["pending"]
    first, second = build.told("db", "upgrade"), build.told("db", "upgrade")
    assert (first["code"], len(first["applied"])) == (0, len(behind["pending"]))
    assert (second["code"], second["applied"]) == (0, [])
    assert build.told("db", "status")["code"] == 0


def test_a_shop_with_migrations_to_come_is_not_served(build):
    done = build.spawn("serve", "--port", "1")
    assert done.returncode == 2
    assert "jishi db upgrade" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_import_names_bad_rows_and_exits_with_1(ready_build):
    (ready_build.folder / "goods.csv").write_text(GOODS, "utf-8")
    done = ready_build.spawn("import", "goods.csv")
    assert done.returncode == 1
    assert "not-a-price" in done.stdout
    told = ready_build.told("import", "goods.csv")
    assert (told["code"], told["new"], told["bad_rows"], told["unchanged"]) == (1, 0, 1, 1)


def test_all_or_nothing_is_nothing_when_a_row_is_bad(ready_build):
    (ready_build.folder / "goods.csv").write_text(GOODS, "utf-8")
    assert ready_build.told("import", "goods.csv", "--all-or-nothing")["new"] == 0
    (ready_build.folder / "goods.csv").write_text(FINE, "utf-8")
    assert ready_build.told("import", "goods.csv", "--all-or-nothing")["new"] == 1


def test_a_dry_run_writes_nothing(ready_build):
    (ready_build.folder / "goods.csv").write_text(FINE, "utf-8")
    told = ready_build.told("import", "goods.csv", "--dry-run")
    assert (told["code"], told["new"]) == (0, 1)
    assert ready_build.told("import", "goods.csv")["new"] == 1


def test_the_ledger_is_recounted(ready_build):
    (ready_build.folder / "goods.csv").write_text(FINE, "utf-8")
    ready_build.told("import", "goods.csv")
    told = ready_build.told("ledger", "check")
    assert (told["code"], told["status"], told["discrepancies"]) == (0, "right", [])


def test_the_first_owner_is_made_once(ready_build):
    word = {"JISHI_OWNER_PASSWORD": "long and winding road 7"}
    told = ready_build.told("staff", "add-owner", "owner@example.com", **word)
    assert (told["code"], told["email"]) == (0, "owner@example.com")
    again = ready_build.run("staff", "add-owner", "other@example.com", **word)
    assert again.returncode == 2
    assert "has an owner" in again.stderr
    assert word["JISHI_OWNER_PASSWORD"] not in again.stdout + again.stderr


def test_plugins_are_listed_without_a_database(plain_build):
    told = plain_build.told("plugins", "list")
    on = {each["name"] for each in told["plugins"] if each["state"] == "on"}
    assert {"courier", "vat", "rounding", "listing_rules"} <= on
    assert "printed_codes" not in on
    assert not (plain_build.folder / "shop.db").exists()


def test_the_doctor_finds_a_healthy_build_well(ready_build):
    told = ready_build.told("doctor")
    assert (told["code"], told["status"]) == (0, "well"), told


@pytest.mark.parametrize(
    ("more", "shop", "subject"),
    [
        ("", 'secret = { env = "NO_SUCH_VARIABLE" }', "config"),
        ("[server]\nworkers = 3\n", 'secret = { file = "shop.key" }', "server"),
        ('[plugins]\nenabled = ["nothing"]\n', 'secret = { file = "shop.key" }', "plugins"),
        ("", 'secret = { file = "short.key" }', "secrets"),
        ("", 'secret = { file = "shop.key" }', "migrations"),
    ],
)
def test_the_doctor_names_each_problem_with_a_next_step(plain_build, more, shop, subject):
    (plain_build.folder / "short.key").write_text("short")
    plain_build.write(more, shop)
    told = plain_build.told("doctor")
    ill = {each["subject"]: each for each in told["findings"] if each["state"] == "problem"}
    assert told["code"] == 1
    assert ill[subject]["next_step"]


def test_tables_show_what_stands_in_brackets_and_cut_no_name(capsys):
    Voice("text").table(("plugin", "next step"), [("a" * 90, "Add it to [plugins] enabled.")])
    shown = "".join(capsys.readouterr().out.split())
    assert "[plugins]" in shown
    assert "…" not in shown


def test_a_file_that_may_not_be_written_is_one_sentence(plain_build, monkeypatch):
    def refuse(draft, target):
        raise PermissionError(1, "Operation not permitted", str(draft), None, str(target))

    monkeypatch.setattr("os.replace", refuse)
    done = plain_build.run("plugins", "disable", "vat")
    assert done.returncode == 2
    assert "jishi.toml cannot be used: Operation not permitted. Look at its rights" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_plugin_that_nobody_knows_is_not_uninstalled(ready_build):
    done = ready_build.run("plugins", "uninstall", "loyaltee", "--purge", "--yes")
    assert done.returncode == 2
    assert "There is no plugin 'loyaltee', and nothing is left of one." in done.stderr


async def cut_the_audit_log(url: str) -> None:
    database = Database.open(url)
    await database.start()
    async with database.transaction() as tx:
        await tx.execute("UPDATE staff_audit_head SET position = position + 1")
    await database.stop()


def test_the_doctor_sees_an_audit_log_that_was_written_by_hand(ready_build):
    word = {"JISHI_OWNER_PASSWORD": "correct horse battery staple"}
    ready_build.run("staff", "add-owner", "a@example.com", **word)
    assert ready_build.told("doctor")["code"] == 0
    asyncio.run(cut_the_audit_log(ready_build.url))
    told = ready_build.told("doctor")
    (ill,) = [each for each in told["findings"] if each["state"] == "problem"]
    assert (told["code"], ill["subject"]) == (1, "audit log")
