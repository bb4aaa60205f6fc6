"""How WeChat Pay says no: status, code, a Chinese sentence, and where the fault is.

Codes and sentences follow https://pay.weixin.qq.com/doc/v3/merchant/4012365383.
"""

import re

import msgspec


class Refusal(Exception):
    """An answer that is not a success."""

    def __init__(
        self, status: int, code: str, message: str, detail: dict[str, object] | None = None
    ) -> None:
        super().__init__(f"{status} {code} {message}")
        self.status = status
        self.code = code
        self.message = message
        self.detail = detail

    def body(self) -> bytes:
        """The refusal as JSON."""
        body: dict[str, object] = {"code": self.code, "message": self.message}
        if self.detail is not None:
            body["detail"] = self.detail
        return msgspec.json.encode(body)


def wrong_parameter(field: str, issue: str, value: object = None, where: str = "body") -> Refusal:
    """PARAM_ERROR with the place of the fault.

    Args:
        field: A JSON pointer such as ``/amount/total``.
        issue: What is wrong.
        value: What was sent.
        where: ``body``, ``url`` or ``header``.
    """
    detail: dict[str, object] = {"field": field, "value": value, "issue": issue, "location": where}
    return Refusal(400, "PARAM_ERROR", "参数错误", detail)


def wrong_body(error: msgspec.DecodeError) -> Refusal:
    """PARAM_ERROR for a body that msgspec could not read."""
    text = str(error)
    found = re.search(r" - at `\$(.*)`$", text)
    issue = text.removesuffix(found.group(0)) if found else text
    field = re.sub(r"[.\[]", "/", found.group(1)).replace("]", "") if found else ""
    missing = re.search(r"missing required field `(\w+)`", issue)
    if missing:
        field = f"{field}/{missing.group(1)}"
    return wrong_parameter(field, issue)


def invalid_request(message: str) -> Refusal:
    """INVALID_REQUEST: well formed, but not now or not like this."""
    return Refusal(400, "INVALID_REQUEST", message)
