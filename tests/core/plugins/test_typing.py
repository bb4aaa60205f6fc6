"""The specification of a hook types every question that is asked with it."""

import pytest
from mypy import api

CALLS = """
from jishi.plugins import SHOP, Answer, Hooks

def adjust_price(basket: str, lane: str) -> int | None: ...
def order_placed(number: int) -> None: ...

async def right(hooks: Hooks) -> None:
    answers: list[Answer[int]] = hooks.ask(adjust_price, SHOP, basket="x", lane="y")
    loaded: list[Answer[int]] = await hooks.consult(adjust_price, SHOP, "x", "y")
    chosen: Answer[int] | None = hooks.choose(adjust_price, SHOP, basket="x", lane="y")
    for name, call in hooks.listeners(order_placed):
        await call(number=1)

def wrong(hooks: Hooks) -> None:
    hooks.ask(adjust_price, SHOP, basket="x", lan="y")
    hooks.ask(adjust_price, SHOP, basket="x", lane=3)
    hooks.ask(adjust_price, SHOP, basket="x")
    answers: list[Answer[str]] = hooks.ask(adjust_price, SHOP, basket="x", lane="y")
"""


@pytest.mark.slow
def test_mypy_sees_wrong_arguments_and_answers(tmp_path):
    (tmp_path / "calls.py").write_text(CALLS, "utf-8")
    said, complaints, _ = api.run(
        ["--strict", "--config-file=", "--no-color-output", str(tmp_path / "calls.py")]
    )
    lines = [line.split(":")[1] for line in said.splitlines() if ": error:" in line]
    first = CALLS.splitlines().index("def wrong(hooks: Hooks) -> None:") + 2
    assert lines == [str(first + n) for n in range(4)], said + complaints
