"""A mini program's line to WeChat: with its token, and once more when WeChat wants another."""

from typing import TypeVar

from jishi_wechat_miniprogram.connection import Connection
from jishi_wechat_miniprogram.problems import StaleToken
from jishi_wechat_miniprogram.settings import AppSettings
from jishi_wechat_miniprogram.tokens import AccessTokens

T = TypeVar("T")


class Client:
    """Calls WeChat as one mini program.

    A refusal for the token's sake (40001, 40014, 42001) had no effect; the call is made once more
    with another token, and not a third time.

    Args:
        app: The mini program.
        connection: The line.
        tokens: Its token.
    """

    def __init__(self, app: AppSettings, connection: Connection, tokens: AccessTokens) -> None:
        self.app = app
        self._connection = connection
        self._tokens = tokens

    async def exchange(self, path: str, query: dict[str, str], kind: type[T]) -> T:
        """Ask with the AppSecret instead of a token (login). Raises as `post`."""
        own = {"appid": self.app.appid, "secret": self.app.secret.reveal()}
        return await self._connection.get(path, {**own, **query}, kind)

    async def post(self, path: str, message: object, kind: type[T]) -> T:
        """Call WeChat.

        Raises:
            Refused: WeChat said no; nothing happened.
            NotReached: It never left.
            OutcomeUnknown: Nobody knows.
        """
        token = await self._tokens.current()
        try:
            return await self._connection.post(path, message, kind, {"access_token": token})
        except StaleToken:
            other = await self._tokens.instead_of(token)
            return await self._connection.post(path, message, kind, {"access_token": other})

    async def post_for_image(self, path: str, message: object) -> tuple[bytes, str]:
        """Call WeChat for an image; gives it with its media type. Raises as `post`."""
        token = await self._tokens.current()
        try:
            return await self._connection.post_for_image(path, message, {"access_token": token})
        except StaleToken:
            other = await self._tokens.instead_of(token)
            return await self._connection.post_for_image(path, message, {"access_token": other})
