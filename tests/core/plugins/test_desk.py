import pytest
from piccolo.query import Select

from jishi.clock import FakeClock
from jishi.db import Database, Table, Text
from jishi.effects import Credit
from jishi.hookspecs import FAMILIES
from jishi.plugins import (
    SHOP,
    Declaration,
    HookFailed,
    Plugin,
    PluginProblem,
    ScopeMissing,
    load_plugins,
)


class Stamps(Table, tablename="desk_stamps"):
    """The plugin's own."""

    id = Text(primary_key=True)


class Secrets(Table, tablename="orders_secrets"):
    """Somebody else's."""

    id = Text(primary_key=True)


class Desky(Plugin):
    """Works at its desk."""

    declaration = Declaration(name="desky", version="1.0", tables=(Stamps,))


@pytest.fixture
async def database(tmp_path):
    database = Database.open(f"sqlite:///{tmp_path / 'desk.db'}")
    await database.start()
    async with database.transaction() as tx:
        await tx.define("CREATE TABLE desk_stamps (id TEXT PRIMARY KEY) STRICT")
        await tx.define("CREATE TABLE orders_secrets (id TEXT PRIMARY KEY) STRICT")
    yield database
    await database.stop()


@pytest.fixture
def sit(specs, build, database):
    """A plugin at its desk, with these scopes and hosts."""

    def down(**declared: object) -> Plugin:
        declaration = Declaration(name="desky", version="1.0", tables=(Stamps,), **declared)
        made = type("Made", (Desky,), {"declaration": declaration})
        hooks = load_plugins(build(), [specs], builtin={"desky": made})
        hooks.furnish(database, FakeClock())
        return hooks.plugin("desky")

    return down


async def test_a_plugin_reads_and_writes_its_own_tables(sit):
    desk = sit().desk
    async with desk.writing() as tx:
        await tx.execute("INSERT INTO desk_stamps (id) VALUES ($1)", "a; 'b' orders_secrets")
        await tx.insert(Stamps, ("id",), [("c",), ("c",)])
    assert len(await desk.fetch("SELECT id FROM desk_stamps")) == 2
    assert await desk.one_as(int, "SELECT count(*) FROM desk_stamps WHERE id = 'c'") == 1
    assert await desk.run(Stamps.select(Stamps.id).where(Stamps.id == "c")) == [("c",)]


@pytest.mark.parametrize(
    "sql",
    [
        """SELECT 1 AS "'", id FROM orders_secrets, (SELECT 2 AS "'") x""",
        "SELECT $$ ' $$, id FROM orders_secrets WHERE id <> $$ ' $$",
        "SELECT id FROM desk_stamps /* /* */ ' */",
        'SELECT id FROM U&"orders\\005Fsecrets"',
        "SELECT E'\\'' || id FROM orders_secrets WHERE id <> ' '",
        "SELECT query_to_xml('select id from orders_secrets', true, true, '')",
        "SELECT set_config('role', 'x', false)",
        "SELECT lo_import('/etc/passwd')",
        "SELECT id INTO orders_secrets FROM desk_stamps",
        "SELECT id FROM desk_stamps -- '",
        "SELECT id FROM desk_stamps WHERE id = 'a",
    ],
)
async def test_a_statement_cannot_hide_what_it_does(sit, sql):
    with pytest.raises(ScopeMissing):
        await sit().desk.fetch(sql)


async def test_texts_and_plain_quoted_names_are_fine(sit):
    sql = 'SELECT "id" FROM "desk_stamps" WHERE id <> \'it\'\'s $1 "odd" -- not\''
    assert await sit().desk.fetch(sql) == []


async def test_it_may_lock_its_rows_and_pass_over_those_that_are_there(sit):
    desk = sit().desk
    async with desk.writing() as tx:
        once = "INSERT INTO desk_stamps (id) VALUES ($1) ON CONFLICT (id) DO NOTHING"
        assert [await tx.execute(once, "a"), await tx.execute(once, "a")] == [1, 0]
        assert await tx.fetch("SELECT id FROM desk_stamps FOR UPDATE") == [("a",)]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT id FROM orders_secrets",
        'SELECT id FROM "orders_secrets"',
        "SELECT id FROM desk_stamps JOIN ORDERS_SECRETS USING (id)",
        "WITH s AS (SELECT id FROM orders_secrets) SELECT * FROM s",
    ],
)
async def test_other_tables_need_their_rooms_scope(sit, sql):
    with pytest.raises(ScopeMissing) as told:
        await sit().desk.fetch(sql)
    assert "desky@1.0 reads orders_secrets, but does not declare the scope 'orders:read'" in str(
        told.value.detail
    )
    assert 'scopes=("orders:read",)' in told.value.next_step
    assert await sit(scopes=("orders:read",)).desk.fetch(sql) == []


async def test_a_piccolo_query_is_held_to_the_same(sit):
    query: Select = Secrets.select(Secrets.id)
    with pytest.raises(ScopeMissing, match="orders:read"):
        await sit().desk.run(query)


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM desk_stamps",
        "SELECT 1; SELECT 2",
        "SELECT name FROM sqlite_master",
        "SELECT * FROM pg_catalog.pg_tables",
        "WITH gone AS (DELETE FROM desk_stamps RETURNING id) SELECT * FROM gone",
        "PRAGMA table_info(desk_stamps)",
        "",
    ],
)
async def test_a_desk_only_reads(sit, sql):
    with pytest.raises(ScopeMissing, match="may not"):
        await sit(scopes=("orders:read",)).desk.fetch(sql)


@pytest.mark.parametrize(
    "sql", ["UPDATE orders_secrets SET id = 'x'", "DROP TABLE desk_stamps", "COMMIT"]
)
async def test_only_its_own_tables_are_written(sit, sql):
    desk = sit(scopes=("orders:read",)).desk
    with pytest.raises(ScopeMissing):
        async with desk.writing() as tx:
            await tx.execute(sql)


async def test_who_declares_no_hosts_calls_nobody(sit):
    with pytest.raises(ScopeMissing, match="declares no hosts"):
        sit().desk.http()
    async with sit(hosts=("api.example.com",)).desk.http() as http:
        with pytest.raises(Exception, match="not among the hosts that were declared"):
            await http.get("https://elsewhere.example.com/")


def test_there_is_no_desk_before_there_is_a_shop():
    with pytest.raises(PluginProblem, match="before there is a shop"):
        _ = Desky().desk


SCOPED = """
from jishi.effects import Credit
from jishi.plugins import Declaration, Plugin, hookimpl
class Made(Plugin):
    declaration = Declaration(name="scoped", version="1.0", scopes=({scopes}))
    @hookimpl
    def effects_of_order(self, basket):
        return [Credit(account="stock:tea:main", amount=5, key="k", reason="r")]
"""


def test_effects_move_only_accounts_that_a_scope_names(specs, build, install):
    install("scoped", SCOPED.format(scopes=""))
    hooks = load_plugins(build(plugins={"enabled": ["scoped"]}), [specs])
    with pytest.raises(HookFailed, match="the scope 'ledger:stock' is not declared"):
        hooks.ask(specs.effects_of_order, SHOP, basket="b")


def test_a_scope_opens_a_kind_of_account(specs, build, install):
    install("scoped", SCOPED.format(scopes='"ledger:stock",'))
    hooks = load_plugins(build(plugins={"enabled": ["scoped"]}), [specs])
    [answer] = hooks.ask(specs.effects_of_order, SHOP, basket="b")
    assert isinstance(answer.value[0], Credit)


GATEWAYS = """
from jishi.plugins import Declaration, Plugin, hookimpl
class Made(Plugin):
    declaration = Declaration(name="till", version="1.0")
    @hookimpl
    def register_gateways(self):
        return []
"""


def test_a_hook_that_needs_a_scope_is_refused_without_it(build, install):
    install("till", GATEWAYS)
    with pytest.raises(PluginProblem) as told:
        load_plugins(build(plugins={"enabled": ["till"]}), FAMILIES)
    assert "till@1.0 answers register_gateways, but does not declare" in told.value.detail
    assert "payments:provider" in told.value.next_step


WISHES = """
from jishi.plugins import Declaration, Plugin
class Made(Plugin):
    declaration = Declaration(
        name="wishful", version="1.0", scopes=("orders:read",), hosts=("a.example",))
"""


@pytest.mark.parametrize(
    ("approved", "more"),
    [
        ([], "host:a.example, orders:read"),
        (["orders:read"], "host:a.example"),
        (["orders:read", "host:a.example"], ""),
        (None, ""),
    ],
)
def test_a_plugin_that_wants_more_than_was_allowed_stops_the_start(
    specs, build, install, approved, more
):
    install("wishful", WISHES)
    table = {"enabled": ["wishful"]}
    if approved is not None:
        table["approved"] = {"wishful": approved}
    if not more:
        assert load_plugins(build(plugins=table), [specs]).plugin("wishful")
        return
    with pytest.raises(PluginProblem) as told:
        load_plugins(build(plugins=table), [specs])
    assert told.value.detail.endswith(f"wants more than it was allowed: {more}.")
    assert 'wishful = ["host:a.example", "orders:read"]' in told.value.next_step
