"""Merchants' builds in temporary folders: made, filled and served as a merchant would do it."""

import os
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from bench.figures import BenchFailed
from bench.processes import Server, free_port, running

OWNER = ("owner@bench.example", "correct horse battery staple")
_JISHI = (sys.executable, "-m", "jishi.cli")
_TOML = """
[shop]
name = "量一量"
secret = {{ file = "secrets/shop.key" }}
base_url = "http://127.0.0.1:8000"

[database]
url = "{url}"

[channels.web]
name = "网店"

[plugins]
enabled = [{enabled}]
{more}
"""


class Build:
    """A merchant's build.

    Args:
        folder: Where it lies; made new.
        url: Its database.
        plugins: Folder of installed plugins and their names.
        more: Further tables of its jishi.toml.
    """

    def __init__(
        self,
        folder: Path,
        url: str,
        plugins: tuple[Path, Sequence[str]] = (Path(), ()),
        more: str = "",
    ) -> None:
        self.folder = folder
        self.url = url
        self._site, names = plugins
        self._served = 0
        self.jishi("init", str(folder), cwd=folder.parent)
        listed = ", ".join(f'"{name}"' for name in names)
        text = _TOML.format(url=url, enabled=listed, more=more)
        tomllib.loads(text)
        (folder / "jishi.toml").write_text(text, "utf-8")

    @property
    def environment(self) -> dict[str, str]:
        """What its processes find: the plugins, and a place for compiled modules."""
        paths = [str(self._site)] if self._site != Path() else []
        paths += [str(Path(__file__).parents[1]), *filter(None, [os.environ.get("PYTHONPATH")])]
        return {
            "PYTHONPATH": os.pathsep.join(paths),
            "PYTHONDONTWRITEBYTECODE": "",
            "PYTHONPYCACHEPREFIX": str(self.folder.parent / "pycache"),
            "JISHI_OWNER_PASSWORD": OWNER[1],
            "JISHI_CONFIG": str(self.folder / "jishi.toml"),
            "JISHI_DATABASE_URL": self.url,
        }

    def jishi(self, *arguments: str, cwd: Path | None = None) -> None:
        """Run one command of ``jishi``.

        Raises:
            BenchFailed: It did not work.
        """
        making = arguments[0] == "init"
        done = subprocess.run(  # noqa: S603 our own command
            [*_JISHI, *arguments],
            cwd=cwd or self.folder,
            env=os.environ | ({} if making else self.environment),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise BenchFailed(
                f"jishi {' '.join(arguments)}: {(done.stdout + done.stderr)[-1500:]}"
            )

    @contextmanager
    def served(
        self, workers: int = 1, environment: Mapping[str, str] | None = None
    ) -> Iterator[Server]:
        """Run ``jishi serve`` until the end of the block."""
        self._served += 1
        port = free_port()
        command = [*_JISHI, "serve", "--port", str(port), "--workers", str(workers)]
        with running(
            command,
            folder=self.folder,
            name=f"serve-{self._served}",
            environment=self.environment
            | {"JISHI_SHOP_BASE_URL": f"http://127.0.0.1:{port}", **(environment or {})},
            port=port,
        ) as server:
            yield server
