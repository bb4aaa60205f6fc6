"""Plugins that run elsewhere, in another language or on another trust level: signed HTTP.

A table with ``remote`` in ``[plugins.<name>]`` makes one; from there on it is a plugin like any
other, with order, budgets, breaker, trace and provenance.
"""

from jishi.remote.find import remote_plugins
from jishi.remote.line import RemoteFailed
from jishi.remote.settings import RemoteSettings
from jishi.remote.signature import sign

__all__ = ["RemoteFailed", "RemoteSettings", "remote_plugins", "sign"]
