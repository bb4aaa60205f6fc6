"""Finds, checks, configures and asks the plugins that a merchant switched on.

The verb of a hook says how it is asked: `Hooks.ask` for ``register_``, ``quote_``, ``offer_``,
``adjust_`` and ``effects_of_``; `Hooks.consult` for ``load_`` and ``review_``; `Hooks.choose` for
``choose_``; and `Hooks.listeners` gives the events room who hears of a past tense.
"""

from jishi.plugins.approval import approval_line, wishes_of
from jishi.plugins.belongings import Belongings, Rows, belongings, bury, exhume
from jishi.plugins.board import Board, Notice
from jishi.plugins.books import Books
from jishi.plugins.care import Care, pardon
from jishi.plugins.console import (
    SettingsForm,
    WrongSettings,
    settings_form,
    with_changes,
)
from jishi.plugins.declaration import Declaration, Plugin, hookimpl
from jishi.plugins.desk import Desk, Writing
from jishi.plugins.discovery import TAKEN, find_plugins, installed
from jishi.plugins.edge import WrongAnswer, check_effects
from jishi.plugins.examine import Remark, examine, examine_health, examine_hosts
from jishi.plugins.health import Health
from jishi.plugins.hooks import Hooks
from jishi.plugins.load import hooks_for, load_plugins
from jishi.plugins.modes import Mode, mode_of
from jishi.plugins.occasion import occasion, on_occasion
from jishi.plugins.permits import ScopeMissing
from jishi.plugins.portrait import Answering, Portrait, portrait
from jishi.plugins.problems import HookFailed, HookShut, HookSlow, NotEnough, PluginProblem
from jishi.plugins.roster import Roster
from jishi.plugins.rules import Rules
from jishi.plugins.saved import Saved, find_saved, keep, load_saved, with_saved
from jishi.plugins.settle import settle
from jishi.plugins.stage import HookWrites, name_the_plugin, refuse_writing
from jishi.plugins.structs import SHOP, Answer, Installed, Listener, Where
from jishi.plugins.trace import Call, Trace
from jishi.plugins.versions import names_of_needs

__all__ = [
    "SHOP",
    "TAKEN",
    "Answer",
    "Answering",
    "Belongings",
    "Board",
    "Books",
    "Call",
    "Care",
    "Declaration",
    "Desk",
    "Health",
    "HookFailed",
    "HookShut",
    "HookSlow",
    "HookWrites",
    "Hooks",
    "Installed",
    "Listener",
    "Mode",
    "NotEnough",
    "Notice",
    "Plugin",
    "PluginProblem",
    "Portrait",
    "Remark",
    "Roster",
    "Rows",
    "Rules",
    "Saved",
    "ScopeMissing",
    "SettingsForm",
    "Trace",
    "Where",
    "Writing",
    "WrongAnswer",
    "WrongSettings",
    "approval_line",
    "belongings",
    "bury",
    "check_effects",
    "examine",
    "examine_health",
    "examine_hosts",
    "exhume",
    "find_plugins",
    "find_saved",
    "hookimpl",
    "hooks_for",
    "installed",
    "keep",
    "load_plugins",
    "load_saved",
    "mode_of",
    "name_the_plugin",
    "names_of_needs",
    "occasion",
    "on_occasion",
    "pardon",
    "portrait",
    "refuse_writing",
    "settings_form",
    "settle",
    "wishes_of",
    "with_changes",
    "with_saved",
]
