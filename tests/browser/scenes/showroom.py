"""The product's web process over seeded databases, one for each world.

Why not the whole product of `make run`: its workers and its tick would end the tests, runs
and deletions that are to be looked at, and its start takes longer than all of this. Here
there is no worker and no broker; pages, middleware, settings and server are the product's own.
"""

import json
import secrets
import shutil
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from tests.harness.environment import for_checks

ROOT = Path(__file__).resolve().parents[3]
# Nobody listens there: a bell that cannot be rung is no failure of a request.
NO_BROKER = "redis://127.0.0.1:1/0"
SANDBOX = "http://127.0.0.1:2"
PREPARE = """
import django; django.setup()
from django.core.management import call_command
from clevertap_bq.local.static_files import collect_when_changed
call_command("migrate", verbosity=0, interactive=False); collect_when_changed()
"""


@dataclass
class World:
    """One installation: where it answers, and the session of each person in it."""

    name: str
    url: str
    sessions: dict


class Showroom:
    """Starts the worlds of ``names``; a context manager that ends them again."""

    def __init__(self, folder, names):
        self.folder, self.names = Path(folder), names
        self.processes = []
        self.secrets = {"SECRET_KEY": secrets.token_urlsafe(64)}

    def __enter__(self):
        try:
            return self._started()
        except BaseException:
            self.__exit__()
            raise

    def __exit__(self, *_):
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.wait(timeout=60)

    def _started(self):
        bare = self.folder / "bare.sqlite3"
        subprocess.run(
            [sys.executable, "-c", PREPARE], cwd=ROOT, env=self._environment(bare, 0), check=True
        )
        ports = {name: _free_port() for name in self.names}
        seeding = {name: self._seeding(name, bare, ports[name]) for name in self.names}
        self.processes = [self._web(name, ports[name]) for name in self.names]
        worlds = {}
        for name, process in seeding.items():
            output, _ = process.communicate(timeout=300)
            assert process.returncode == 0, f"the world “{name}” could not be seeded"
            url = f"http://127.0.0.1:{ports[name]}"
            worlds[name] = World(name, url, json.loads(output))
        for port in ports.values():
            _wait_for(port)
        return worlds

    def _seeding(self, name, bare, port):
        shutil.copy(bare, self._database(name))
        return subprocess.Popen(
            [sys.executable, "-m", "tests.browser.scenes.seed", name],
            cwd=ROOT,
            env=self._environment(self._database(name), port),
            stdout=subprocess.PIPE,
            text=True,
        )

    def _web(self, name, port):
        with (self.folder / f"{name}.log").open("w") as log:
            return subprocess.Popen(
                [
                    *(sys.executable, "-m", "gunicorn", "clevertap_bq.wsgi"),
                    *("--bind", f"127.0.0.1:{port}", "--worker-class", "gthread"),
                    *("--workers", "1", "--threads", "4", "--keep-alive", "5"),
                    "--no-control-socket",
                ],
                cwd=ROOT,
                env=self._environment(self._database(name), port, name),
                stdout=log,
                stderr=log,
            )

    def _database(self, name):
        return self.folder / f"{name}.sqlite3"

    def _environment(self, database, port, name=""):
        operated = {
            "EGRESS_ADDRESSES": "198.51.100.24,203.0.113.0/28,2001:db8::/48",
            "METRICS_TOKEN": secrets.token_urlsafe(32),
            "EMAIL_FOLDER": str(self.folder / "mails"),
        }
        away = {"OIDC_ISSUER": "http://127.0.0.1:1"}  # nobody answers there
        kept = {"CREDENTIAL_RING", "STATIC_ROOT", "PATH", "HOME", "LANG", "TMPDIR"}
        base = for_checks(self.folder)
        self.secrets.setdefault("CREDENTIAL_RING", base["CREDENTIAL_RING"])
        return {
            **{name: value for name, value in base.items() if name in kept},
            **self.secrets,
            **{"full": operated, "broken": away}.get(name, {}),
            "LOCAL_MODE": "1",
            "HTTPS_ONLY": "0",
            "DATA_DIR": str(self.folder),
            "DATABASE_URL": f"sqlite:///{database}",
            "REDIS_URL": NO_BROKER,
            "METRICS_TOKEN": "asked for by nobody here",
            "SANDBOX_URL": SANDBOX,
            "PUBLIC_URL": f"http://127.0.0.1:{port}",
            "ALLOWED_HOSTS": "127.0.0.1",
            "DJANGO_SETTINGS_MODULE": "clevertap_bq.settings",
            "PYTHONUNBUFFERED": "1",
        }


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait_for(port):
    end = time.monotonic() + 120
    while time.monotonic() < end:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError(f"nothing answers on port {port}")
