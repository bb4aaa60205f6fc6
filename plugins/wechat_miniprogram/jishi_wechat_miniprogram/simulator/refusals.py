"""WeChat's refusals: HTTP 200 with an errcode."""


class Refusal(Exception):
    """WeChat says no.

    Args:
        code: The errcode.
        message: The errmsg.
    """

    def __init__(self, code: int, message: str) -> None:
        super().__init__(f"{code} {message}")
        self.code = code
        self.message = message
