"""Pays in the demo as a person would: with a telephone, at a companion's page."""

from collections.abc import Mapping

import httpx

from jishi.demo.processes import DemoFailed
from jishi.demo.structs import Companion, Say

METHOD = "native"
"""The customer scans a code that the shop shows."""


class Cashier:
    """Confirms payments at the first companion that takes them.

    Args:
        beside: The companions, by the plugin's name.
        say: Prints a step.

    Raises:
        DemoFailed: No companion takes payments.
    """

    def __init__(self, beside: Mapping[str, Companion], say: Say) -> None:
        taking = [(name, each, each.approve) for name, each in beside.items() if each.approve]
        if not taking:
            raise DemoFailed("no payment plugin is installed: pip install jishi-wechat-pay")
        self.gateway, companion, self._approve = taking[0]
        self._title = companion.title
        self._say = say

    def confirm(self, parameters: Mapping[str, str]) -> None:
        """Scan and confirm.

        Raises:
            DemoFailed: The companion refused.
        """
        page, form = self._approve(parameters)
        done = httpx.post(page, data=form, timeout=30)
        if done.status_code >= 400:
            raise DemoFailed(f"paying: POST {page} answered {done.status_code}")
        self._say("扫码付款 scan and pay", f"POST {page}", self._title)
