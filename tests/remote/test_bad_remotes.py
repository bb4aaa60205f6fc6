"""Whatever somebody elsewhere does wrong, he is named, and the policy is obeyed."""

import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from jishi.compliance import Subject
from jishi.config import Source, read_config
from jishi.hookspecs import FAMILIES
from jishi.hookspecs.compliance import review_subject
from jishi.plugins import SHOP, HookFailed, HookShut, HookSlow, PluginProblem, load_plugins
from jishi.remote import remote_plugins
from jishi.testing.patience import in_time

SUBJECT = Subject(kind="text", id="1", title="茶", texts={"title": "最好的茶"})
SECRET = "a key that both sides know"


@pytest.fixture
def start(tmp_path):
    """Start a shop's plugins with one of them elsewhere."""

    def started(
        table: dict[str, object], environ: dict[str, str] | None = None, **plugins: object
    ):
        tables = {
            "shop": {"name": "shop", "secret": {"env": "ERP_SECRET"}},
            "plugins": {"enabled": ["erp"], "erp": table, **plugins},
        }
        environ = {"ERP_SECRET": SECRET, **(environ or {})}
        config = read_config(Source(tmp_path, tables=tables, environ=environ))
        return load_plugins(config, FAMILIES, remote=remote_plugins(config))

    return started


async def refusal(hooks) -> HookFailed:
    with pytest.raises(HookFailed) as refused:
        await hooks.consult(review_subject, SHOP, SUBJECT)
    assert refused.value.plugin == "erp@1"
    return refused.value


async def test_findings_from_elsewhere_are_findings(start, elsewhere):
    elsewhere.says(
        "/findings", '{"findings": [{"rule": "best", "severity": "forbidden", "message": "no"}]}'
    )
    hooks = start(elsewhere.table("/findings", "review_subject"))
    (answer,) = await hooks.consult(review_subject, SHOP, SUBJECT)
    assert (answer.plugin, answer.value[0].rule) == ("erp@1", "best")
    assert elsewhere.heard("/findings")[-1]["genuine"]
    await hooks.close()


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("/error", "answered 500"),
        ("/redirect", "answered 302; redirects are not followed"),
        ("/large", "AnswerTooLarge"),
        ("/empty", "JSON that cannot be used: Object missing required field `findings`"),
        ("/html", "JSON that cannot be used"),
        ("/typo", "Object contains unknown field `finding`"),
        ("/extra", "Object contains unknown field `sevrity`"),
        ("/severity", "Invalid enum value 'bad'"),
    ],
)
async def test_a_bad_answer_refuses_and_names_who_gave_it(start, elsewhere, path, why):
    elsewhere.says("/html", "<html>")
    elsewhere.says("/typo", '{"findings": [], "finding": []}')
    elsewhere.says("/extra", '{"findings": [{"rule": "r", "sevrity": "note", "message": "m"}]}')
    elsewhere.says("/severity", '{"findings": [{"rule": "r", "severity": "bad", "message": "m"}]}')
    hooks = start(elsewhere.table(path, "review_subject"), budgets={"erp": {"review": 5000}})
    assert why in (await refusal(hooks)).why
    await hooks.close()


@pytest.mark.measured
async def test_who_is_slow_is_cut_off_in_time_and_not_asked_for_a_while(start, elsewhere):
    hooks = start(elsewhere.table("/slow", "review_subject"), budgets={"erp": {"review": 60}})
    with in_time(2):
        for _ in range(3):
            assert isinstance(await refusal(hooks), HookSlow)
        assert isinstance(await refusal(hooks), HookShut)
    await hooks.close()


async def test_where_the_merchant_says_so_a_failing_review_lets_pass(start, elsewhere):
    table = elsewhere.table("/error", "review_subject")
    hooks = start(table, on_failure={"erp": "open"})
    assert await hooks.consult(review_subject, SHOP, SUBJECT) == []
    await hooks.close()


@pytest.fixture
def self_made(run, tmp_path):
    """Have somebody answer whose certificate he wrote himself; give his address."""
    pem, cert = tmp_path / "self.pem", tmp_path / "cert.pem"
    make = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2"
    names = ["-subj", "/CN=127.0.0.1", "-keyout", str(pem), "-out", str(cert)]
    subprocess.run([*make.split(), *names], check=True, capture_output=True)
    pem.write_text(pem.read_text() + cert.read_text())
    stand_in = str(Path(__file__).with_name("stand_in.py"))
    with run(sys.executable, stand_in, str(pem)) as port:
        yield f"https://127.0.0.1:{port}/"


async def test_a_certificate_that_nobody_vouches_for_is_refused(start, elsewhere, self_made):
    table = elsewhere.table("/", "review_subject", remote=self_made)
    hooks = start(table, budgets={"erp": {"review": 5000}})
    assert "certificate verify failed" in (await refusal(hooks)).why
    await hooks.close()


async def test_nobody_is_found_in_a_house_that_was_not_opened(start, elsewhere):
    port = httpx.URL(elsewhere.address).port
    table = elsewhere.table(
        "/", "review_subject", remote=f"https://127.0.0.1:{port}/", inside=["10.0.0.0/8"]
    )
    assert "not on the open internet" in (await refusal(start(table))).why


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"inside": []}, "remote: Expected https://"),
        ({"remote": "https://user:word@erp.example.com"}, "no user name and no password"),
        ({"remote": "nowhere"}, "remote: Expected an address that begins with https://"),
        ({"hooks": ["order_payed"]}, "did you mean 'order_placed'?"),
        ({"hooks": []}, "hooks: name at least one"),
        ({"secret": "word"}, "a secret does not belong in this file"),
        ({"secret": {"env": "SHORT"}}, "secret: expected at least 16 bytes"),
        ({"secret": {"env": "ODD"}}, "after whsec_ comes base64"),
        ({"remotee": "x"}, "unknown key; did you mean 'remote'?"),
        ({"inside": ["house"]}, "'house' does not appear to be an IPv4 or IPv6 network"),
        ({"hooks": ["member_joined"]}, "does not declare the scope 'members:contact'"),
    ],
)
def test_a_table_that_cannot_be_meant_stops_the_start(start, elsewhere, change, said):
    environ = {"SHORT": "short", "ODD": "whsec_???"}
    with pytest.raises(PluginProblem) as refused:
        start({**elsewhere.table("/", "order_paid"), **change}, environ)
    assert said in f"{refused.value} {refused.value.next_step}"


def test_more_than_was_approved_stops_the_start(start, elsewhere):
    table = elsewhere.table("/", "order_paid", scopes=["members:contact"])
    host = httpx.URL(elsewhere.address).netloc.decode()
    start(table, approved={"erp": [f"host:{host}", "members:contact"]})
    with pytest.raises(PluginProblem, match="wants more than it was allowed: members:contact"):
        start(table, approved={"erp": [f"host:{host}"]})


def test_it_is_left_out_in_safe_mode(start, elsewhere):
    hooks = start(elsewhere.table("/", "order_paid"), safe="yes")
    assert hooks.plugin("erp") is None
