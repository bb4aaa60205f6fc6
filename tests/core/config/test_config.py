from pathlib import Path
from typing import Annotated, Literal

import msgspec
import pytest

from jishi.config import (
    SECTIONS,
    Config,
    ConfigProblem,
    Secret,
    load_config,
    setting,
)

SHOP = '[shop]\nname = "茶铺"\nsecret = { env = "SHOP_SECRET" }\n'


@pytest.fixture
def read(tmp_path):
    def read_toml(text: str, **environ: str) -> Config:
        (tmp_path / "jishi.toml").write_text(text, "utf-8")
        return load_config(tmp_path / "jishi.toml", {"SHOP_SECRET": "s3cret", **environ})

    return read_toml


def findings(read, text, **environ):
    with pytest.raises(ConfigProblem) as caught:
        read(text, **environ)
    return caught.value.sentences()


def test_a_name_and_a_secret_make_a_shop(read, tmp_path):
    config = read(SHOP)
    assert config.shop.name == "茶铺"
    assert (config.shop.currency, config.shop.timezone) == ("CNY", "Asia/Shanghai")
    assert config.checkout.hold_minutes == 15
    assert config.folder == tmp_path


def test_without_channels_the_shop_sells_on_the_web(read):
    assert list(read(SHOP).channels) == ["web"]


def test_the_file_is_found_by_the_environment(tmp_path):
    (tmp_path / "other.toml").write_text(SHOP, "utf-8")
    environ = {"JISHI_CONFIG": str(tmp_path / "other.toml"), "SHOP_SECRET": "x"}
    assert load_config(environ=environ).shop.name == "茶铺"


def test_the_file_is_looked_for_where_one_stands(tmp_path, monkeypatch):
    (tmp_path / "jishi.toml").write_text(SHOP, "utf-8")
    monkeypatch.chdir(tmp_path)
    assert load_config(environ={"SHOP_SECRET": "x"}).folder == tmp_path


def test_a_missing_file_says_how_to_make_one(tmp_path):
    with pytest.raises(ConfigProblem, match=r"no such file in .*; run jishi init"):
        load_config(tmp_path / "jishi.toml", {})


def test_a_file_that_is_not_toml_says_where(read):
    assert "not toml" in findings(read, "[shop\n")[0]
    assert "line 1" in findings(read, "[shop\n")[0]


def test_a_file_in_another_encoding_says_what_to_do(tmp_path):
    (tmp_path / "jishi.toml").write_bytes('name = "茶"'.encode("gbk"))
    with pytest.raises(ConfigProblem, match="save it as UTF-8"):
        load_config(tmp_path / "jishi.toml", {})


def test_a_byte_order_mark_is_no_matter(tmp_path):
    (tmp_path / "jishi.toml").write_text(SHOP, "utf-8-sig")
    assert load_config(tmp_path / "jishi.toml", {"SHOP_SECRET": "x"}).shop.name == "茶铺"


def test_everything_wrong_is_told_at_once_in_the_order_of_the_file(read):
    said = findings(
        read,
        '[shop]\nnmae = "茶"\nsecret = { env = "SHOP_SECRET" }\n[server]\nport = 70000\n'
        '[databse]\nurl = "x"\n[plugins.on_failure]\nloyalty = "opne"\n',
    )
    assert said == [
        "jishi.toml:1: shop.name: missing; expected text, not empty",
        "jishi.toml:2: shop.nmae: unknown key; did you mean 'name'?",
        "jishi.toml:5: server.port: expected a whole number from 1 to 65535, found 70000",
        "jishi.toml:6: databse: unknown table; did you mean 'database'?",
        'jishi.toml:9: plugins.on_failure.loyalty: expected one of "closed", "open", '
        "found \"opne\"; did you mean 'open'?",
    ]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('port = "80"', 'expected a whole number from 1 to 65535, found "80"'),
        ("port = true", "expected a whole number from 1 to 65535, found true"),
        ("port = 1.5", "expected a whole number from 1 to 65535, found 1.5"),
        ("host = 3", "expected text, not empty, found 3"),
        ('host = ""', 'expected text, not empty, found ""'),
        ("host = []", "expected text, not empty, found []"),
    ],
)
def test_a_value_of_the_wrong_type_is_refused_as_it_stands(read, line, said):
    assert findings(read, f"{SHOP}[server]\n{line}\n")[0].endswith(said)


def test_a_value_where_a_table_belongs_is_refused(read):
    assert findings(read, "server = 3\n" + SHOP) == [
        "jishi.toml:1: server: expected a table [server], found a value"
    ]


def test_an_unknown_time_zone_is_refused(read):
    said = findings(read, SHOP + 'timezone = "Asia/Shangai"\n')
    assert said[0].endswith("no zone is called 'Asia/Shangai'; did you mean 'Asia/Shanghai'?")


def test_a_relative_sqlite_file_lies_in_the_build(read, tmp_path):
    assert read(SHOP).database.url == f"sqlite:///{tmp_path}/shop.db"


@pytest.mark.parametrize("url", ["sqlite:////var/shop.db", "postgresql://u:p@host/shop"])
def test_other_database_addresses_stay_as_they_are(read, url):
    assert read(f'{SHOP}[database]\nurl = "{url}"\n').database.url == url


def test_an_unknown_database_is_refused_without_showing_its_password(read):
    said = findings(read, SHOP + '[database]\nurl = "mysql://u:hunter2@h/x"\n')
    assert "found the scheme 'mysql'" in said[0]
    assert "hunter2" not in said[0]


def test_the_password_of_the_database_is_not_printed(read):
    config = read(SHOP, JISHI_DATABASE_URL="postgresql://u:hunter2@h:5432/x")
    assert config.database.shown == "postgresql://u:***@h:5432/x"
    assert "hunter2" not in repr(config)


def test_the_environment_overrides_the_file(read):
    config = read(
        SHOP + "[server]\nport = 1\n",
        JISHI_SERVER_PORT="8080",
        JISHI_SHOP_NAME="另一家",
        JISHI_PLUGINS_ENABLED="loyalty, group_buy",
    )
    assert (config.server.port, config.shop.name) == (8080, "另一家")
    assert config.plugins.enabled == ("loyalty", "group_buy")


def test_port_and_host_have_short_names(read):
    config = read(SHOP, JISHI_PORT="9000", JISHI_HOST="0.0.0.0")
    assert (config.server.host, config.server.port) == ("0.0.0.0", 9000)


def test_an_empty_variable_says_nothing(read):
    assert read(SHOP, JISHI_SERVER_PORT="").server.port == 8000


def test_a_wrong_variable_is_named(read):
    said = findings(read, SHOP, JISHI_SERVER_PORT="many")
    assert said[0].endswith('found "many" (from JISHI_SERVER_PORT)')


def test_a_misspelt_variable_is_recognised(read):
    assert findings(read, SHOP, JISHI_SERVER_PROT="1") == [
        "jishi.toml: JISHI_SERVER_PROT: no setting has this variable; "
        "did you mean 'JISHI_SERVER_PORT'?"
    ]


def test_a_misspelt_variable_of_a_rooms_table_is_recognised(read):
    class Lamp(msgspec.Struct, frozen=True, kw_only=True):
        colour: str = "red"

    with pytest.raises(ConfigProblem, match="did you mean 'JISHI_LAMP_COLOUR'"):
        read(SHOP, JISHI_LAMP_COLOR="blue").source.section("lamp", Lamp)


@pytest.mark.parametrize(
    "variable", ["JISHI_SERVER_PORT_80_TCP", "JISHI_SERVER_SERVICE_HOST", "JISHI_PLUGINS_OFF_X"]
)
def test_variables_of_the_platform_and_of_plugins_are_left_alone(read, variable):
    assert read(SHOP, **{variable: "x"}).server.port == 8000


def test_a_secret_may_come_from_a_variable_that_resembles_a_setting(read):
    shop = SHOP.replace("SHOP_SECRET", "JISHI_SHOP_SECRETS")
    assert read(shop, JISHI_SHOP_SECRETS="hidden").shop.secret == Secret("hidden")


def test_the_environment_may_hold_a_secret_itself(read):
    assert read(SHOP, JISHI_SHOP_SECRET="other").shop.secret == Secret("other")


def test_channels_and_stores_say_which_plugins_differ_there(read):
    config = read(
        SHOP
        + '[plugins]\nenabled = ["loyalty"]\n[plugins.loyalty]\npoints = 1\n'
        + '[channels.mini]\nstores = ["east"]\n[channels.mini.plugins]\noff = ["loyalty"]\n'
        + "[channels.mini.plugins.loyalty]\npoints = 2\n[stores.east]\n"
    )
    assert config.plugins.settings == {"loyalty": {"points": 1}}
    assert config.channels["mini"].plugins.off == ("loyalty",)
    assert config.channels["mini"].plugins.settings == {"loyalty": {"points": 2}}


def test_a_channel_sells_in_stores_that_exist(read):
    said = findings(read, SHOP + '[channels.mini]\nstores = ["eest"]\n[stores.east]\n')
    assert said[0].endswith("there is no store 'eest'; did you mean 'east'?")


def test_a_misspelt_key_among_plugins_is_told_from_a_plugin(read):
    said = findings(read, SHOP + '[plugins]\nenabeld = ["loyalty"]\n')
    assert said[0].endswith("plugins.enabeld: unknown key; did you mean 'enabled'?")


class Rate(msgspec.Struct, frozen=True, kw_only=True):
    regions: tuple[str, ...] = ("*",)
    fee: Annotated[int, setting(ge=0)] = 0


class Retention(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    days: Annotated[int, setting(ge=1)] = 30
    key: Secret | None = None
    file: Path = Path("audit.log")
    mode: Literal["keep", "drop"] = "keep"
    by_kind: dict[Literal["login", "logout"], Annotated[int, setting(ge=0)]] = {}
    rates: tuple[Rate, ...] = ()


def test_a_room_reads_its_own_table(read, tmp_path):
    config = read(
        SHOP + '[staff]\ndays = 3\nfile = "logs/a.log"\n[staff.by_kind]\nlogin = 7\n',
        JISHI_STAFF_MODE="drop",
    )
    settings = config.section("staff", Retention)
    assert settings == Retention(
        days=3, file=tmp_path / "logs/a.log", mode="drop", by_kind={"login": 7}
    )


def test_an_absent_table_of_a_room_is_all_defaults(read):
    assert read(SHOP).section("staff", Retention) == Retention()


def test_a_rooms_table_is_blamed_by_path_and_line(read):
    config = read(SHOP + "[staff]\n[staff.by_kind]\nlogin = -1\n")
    with pytest.raises(ConfigProblem) as caught:
        config.section("staff", Retention)
    assert caught.value.sentences() == [
        "jishi.toml:6: staff.by_kind.login: expected a whole number of at least 0, found -1"
    ]


def test_a_list_of_tables_is_read_in_order(read):
    config = read(SHOP + '[[staff.rates]]\nregions = ["广东省"]\n[[staff.rates]]\nfee = 3\n')
    rates = config.section("staff", Retention).rates
    assert rates == (Rate(regions=("广东省",)), Rate(fee=3))


def test_a_list_of_tables_is_blamed_at_its_item(read):
    config = read(SHOP + "[[staff.rates]]\nfee = 1\n[[staff.rates]]\nfee = -1\n")
    with pytest.raises(ConfigProblem) as caught:
        config.section("staff", Retention)
    assert caught.value.sentences() == [
        "jishi.toml:7: staff.rates[1].fee: expected a whole number of at least 0, found -1"
    ]


def test_a_tables_keys_are_checked_like_its_values(read):
    config = read(SHOP + "[staff.by_kind]\nlogn = 1\n")
    with pytest.raises(ConfigProblem) as caught:
        config.section("staff", Retention)
    assert caught.value.sentences() == [
        'jishi.toml:5: staff.by_kind.logn: expected one of "login", "logout", '
        "found \"logn\"; did you mean 'login'?"
    ]


def test_a_value_where_a_rooms_table_belongs_is_refused(read):
    config = read("staff = 3\n" + SHOP)
    with pytest.raises(ConfigProblem, match="1: staff: expected a table"):
        config.section("staff", Retention)


def test_a_rooms_table_is_read_once(read):
    config = read(SHOP)
    assert config.section("staff", Retention) is config.section("staff", Retention)


def test_a_room_reads_only_tables_that_are_registered(read):
    assert "cellar" not in SECTIONS
    with pytest.raises(TypeError, match="cellar"):
        read(SHOP).section("cellar", Retention)
