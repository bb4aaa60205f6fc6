"""``jishi work``: jobs without a server; ``jishi serve --without-jobs``: the other way round."""

import signal
import subprocess
import sys

import pytest

from jishi.testing.patience import in_time


@pytest.mark.measured
def test_work_does_jobs_until_it_is_stopped(ready_build):
    process = subprocess.Popen(
        [sys.executable, "-m", "jishi.cli", "work"],
        cwd=ready_build.folder,
        env=ready_build.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "小店: doing jobs\n"
        with in_time(10):
            process.send_signal(signal.SIGTERM)
            assert process.wait(60) == 0
    finally:
        process.kill()
        process.communicate()


def test_work_needs_tables(plain_build):
    said = plain_build.spawn("work")
    assert said.returncode == 2
    assert "jishi db upgrade" in said.stderr


@pytest.mark.parametrize("command", ["serve", "work"])
def test_a_queue_on_sqlite_is_refused(plain_build, command):
    plain_build.write('[events]\nrunner = "pgqueuer"\n')
    said = plain_build.spawn(command)
    assert said.returncode == 2
    assert "pgqueuer needs PostgreSQL" in said.stderr
    assert "events.runner" in said.stderr


@pytest.mark.parametrize("wrong", ["localhost:6379", "http://cache"])
def test_an_address_of_shared_limits_that_is_none_is_told(plain_build, wrong):
    plain_build.write(f'[web]\nshared_limits = "{wrong}"\n')
    said = plain_build.spawn("serve")
    assert said.returncode == 2
    assert "redis://localhost:6379/0" in said.stderr
