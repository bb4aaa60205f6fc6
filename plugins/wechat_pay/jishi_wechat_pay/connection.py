"""Carries signed requests to WeChat Pay and raw replies back; what they mean is others' work."""

from collections.abc import Sequence

import httpx
import msgspec

from jishi.clock import Clock
from jishi_wechat_pay.problems import OutcomeUnknown
from jishi_wechat_pay.signature import Signer

TIMEOUT = httpx.Timeout(6.0, connect=2.0)
"""Seconds: 2 to reach WeChat, 6 for each wait after that; the shop itself waits 8 at most."""

USER_AGENT = "jishi-wechat-pay/0.1"


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """What came back, not yet believed."""

    status: int
    headers: dict[str, str]
    body: bytes


class Connection:
    """Signs exactly the bytes it sends, and turns to the next host when one is out of reach.

    Args:
        signer: The merchant's key.
        hosts: Where WeChat Pay answers, first choice first, such as
            ``https://api.mch.weixin.qq.com``.
        http: The HTTP client; the caller opens and closes it.
        clock: Dates the signatures.
        answer_serial: The public key id with which answers shall be signed; without it WeChat
            signs with its platform certificate.
    """

    def __init__(
        self,
        signer: Signer,
        hosts: Sequence[str],
        http: httpx.AsyncClient,
        clock: Clock,
        *,
        answer_serial: str | None = None,
    ) -> None:
        self._signer = signer
        self._hosts = [host.rstrip("/") for host in hosts]
        self._http = http
        self._clock = clock
        self._answer_serial = answer_serial

    async def send(self, method: str, target: str, body: bytes = b"") -> Reply:
        """Send one request.

        A request that never left is sent to the next host. One that left but whose answer was
        lost is repeated there only when it merely asks (GET).

        Args:
            method: ``GET`` or ``POST``.
            target: Path and query.
            body: JSON, already serialised.

        Raises:
            OutcomeUnknown: No answer came.
        """
        lost: httpx.HTTPError | None = None
        for host in self._hosts:
            try:
                return await self._send_to(host, method, target, body)
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                lost = error
            except httpx.TransportError as error:
                lost = error
                if method != "GET":
                    break
        reason = f"{type(lost).__name__}: {lost}" if lost else "no host is configured"
        raise OutcomeUnknown(f"no answer from WeChat Pay ({reason})") from lost

    async def _send_to(self, host: str, method: str, target: str, body: bytes) -> Reply:
        url = httpx.URL(host + target)
        # Signed is the target as httpx will write it, which may escape more than the caller did.
        authorization = self._signer.authorization(
            method, url.raw_path.decode("ascii"), body, at=self._clock.now()
        )
        response = await self._http.request(
            method,
            url,
            content=body or None,
            headers=self._headers(authorization),
            timeout=TIMEOUT,
        )
        return Reply(
            status=response.status_code,
            headers={name.lower(): value for name, value in response.headers.items()},
            body=response.content,
        )

    def _headers(self, authorization: str) -> dict[str, str]:
        headers = {
            "Accept": "application/json",
            "Authorization": authorization,
            "Content-Type": "application/json",
            "User-Agent": USER_AGENT,
        }
        if self._answer_serial is not None:
            headers["Wechatpay-Serial"] = self._answer_serial
        return headers
