"""Events: facts told after the commit, jobs done at least once, schedules, and the inbox.

Effects are at-least-once; "exactly once" is what a unique key makes of it.
"""

from jishi.events.dead_letters import NoDeadJob, backlog, dead_jobs, replay
from jishi.events.emit_events import emit, enqueue, first_time, first_times
from jishi.events.feed import Feed, Position
from jishi.events.handlers import Handlers, NoHandler
from jishi.events.jobs_of_plugin import bury_jobs, forget_jobs, jobs_of_plugin
from jishi.events.note_look import note_look
from jishi.events.plugin_jobs import sign_plugins_in
from jishi.events.runner import Runner
from jishi.events.settings import EventSettings, runner_of
from jishi.events.structs import (
    Backlog,
    DeadJob,
    Happened,
    Job,
    JobKind,
    Listener,
    Schedule,
)

__all__ = [
    "Backlog",
    "DeadJob",
    "EventSettings",
    "Feed",
    "Handlers",
    "Happened",
    "Job",
    "JobKind",
    "Listener",
    "NoDeadJob",
    "NoHandler",
    "Position",
    "Runner",
    "Schedule",
    "backlog",
    "bury_jobs",
    "dead_jobs",
    "emit",
    "enqueue",
    "first_time",
    "first_times",
    "forget_jobs",
    "jobs_of_plugin",
    "note_look",
    "replay",
    "runner_of",
    "sign_plugins_in",
]
