"""The steps of `make check`, `make test` and `make fix`, in the order in which they run."""

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGES = ("accounts", "clevertap_bq", "connections", "imports", "sandbox")
# The second pass takes what touches the database.
NOT_ABOUT_THE_DATABASE = (
    *("sandbox", "contract", "architecture", "local"),
    "browser/test_add_database.py",
    "browser/test_add_database_for_all.py",
    "browser/test_connection_filters.py",
    "browser/test_deletion_choices_on_screen.py",
    "browser/test_deletion_outlives_a_worker.py",
    "browser/test_edit_connection.py",
    "browser/test_events.py",
    "browser/test_every_screen.py",
    "browser/test_every_screen_of_imports.py",
    "browser/test_first_key.py",
    "browser/test_gallery.py",
    "browser/test_live_parts.py",
    "browser/test_mission_by_keyboard.py",
    "browser/test_query_by_keyboard.py",
    "browser/test_query_on_screen.py",
    "browser/test_set_up_guide.py",
    "browser/test_shell.py",
    "browser/test_stats_on_screen.py",
    "browser/test_steady_pictures.py",
)
# The slowest tests are named; one that hangs shows where it stands.
REPORT = ("--durations=10", "--durations-min=2", "-o", "faulthandler_timeout=180")
QUICK = "not browser and not services"
FLOW = "browser or services"
WITHOUT_BROWSER = "services and not browser"


@dataclass(frozen=True)
class Step:
    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(repr=False)
    is_pytest: bool = False
    is_spoken: bool = False  # what it says is shown even when it passes
    may_be_empty: bool = False  # the user's choice of tests may leave a pass without any


def tool(name: str, *arguments: str) -> list[str]:
    """A program of the virtual environment, wherever that lies."""
    return [str(Path(sys.executable).with_name(name)), *arguments]


def python(*arguments: str) -> list[str]:
    return [sys.executable, *arguments]


def checks(environment: Mapping[str, str], production: Mapping[str, str]) -> list[Step]:
    """What reads the code without running it; changes nothing."""
    present = [package for package in PACKAGES if (ROOT / package).is_dir()]
    migrations = ("makemigrations", "--check", "--dry-run")
    return [
        Step("format", tool("ruff", "format", "--check", "."), environment),
        Step("lint", tool("ruff", "check", "."), environment),
        Step("types", tool("mypy", *present, "manage.py"), environment),
        Step("layers", tool("lint-imports"), environment),
        Step("template format", _djade("--check"), environment),
        Step("template lint", tool("djlint", "templates", "--lint", "--quiet"), environment),
        # SQL put together from text is left to ruff's S608, which wants a reason on the line.
        Step(
            "security lint",
            tool("bandit", "-q", "-ll", "--skip", "B608", "-r", *present),
            environment,
        ),
        Step("own rules", python("-m", "tests.rules"), environment),
        Step(
            "known weaknesses",
            python("-m", "tests.harness.audit"),
            environment,
            is_spoken=True,
        ),
        Step("migrations", python("manage.py", *migrations), environment),
        Step(
            "deployment check",
            python("manage.py", "check", "--deploy", "--fail-level", "WARNING"),
            production,
        ),
    ]


def repairs(environment: Mapping[str, str]) -> list[Step]:
    """What `make fix` puts right by itself."""
    return [
        Step("lint", tool("ruff", "check", "--fix", "--quiet", "."), environment),
        Step("format", tool("ruff", "format", "--quiet", "."), environment),
        Step("template format", _djade(), environment),
    ]


def benches() -> list[str]:
    """The benchmarks: each module of bench/ prints its own ratios."""
    return sorted(path.stem for path in ROOT.glob("bench/*.py") if not path.stem.startswith("_"))


def live(environment: Mapping[str, str], chosen: Sequence[str]) -> Step:
    """The tests against real Google. Short traces: long ones show values, a key among them."""
    pytest = ("-m", "pytest", "-v", "-rs", "--force-enable-socket", "--tb=short", "-m", "live")
    return Step("live", python(*pytest, *(chosen or ("tests/live",))), environment)


def static_files(environment: Mapping[str, str]) -> Step:
    """Pages name their files by content hash, so tests of pages need them collected."""
    command = python("manage.py", "collectstatic", "--no-input", "--verbosity", "0")
    return Step("static files", command, environment)


def passes_over(
    name: str,
    environment: Mapping[str, str],
    *,
    left_out: Sequence[str] = (),
    jobs: int,
    with_browser: bool,
    chosen: Sequence[str],
) -> list[Step]:
    """One pass over one database: what is quick, then what owns real processes.

    Each is spread over the jobs by file. A pass that leaves something out is over a second
    database, and takes only what touches that: one product and one world of chaos.
    """
    ignored = [f"--ignore=tests/{folder}" for folder in left_out]
    second = ["--of-the-database"] if left_out else []
    pytest = python("-m", "pytest", "-q", "-rfEs", *REPORT, *ignored, *second, *chosen)
    flow = FLOW if with_browser else WITHOUT_BROWSER
    number = min(jobs, 2) if left_out else jobs
    commands = {
        f"tests on {name}": [*pytest, "-m", QUICK, *_spread(number)],
        f"flow on {name}": [*pytest, "-m", flow, *_spread(number)],
    }
    return [
        Step(title, command, environment, is_pytest=True, may_be_empty=bool(chosen))
        for title, command in commands.items()
    ]


def _spread(jobs: int) -> Sequence[str]:
    return ("-n", str(jobs), "--dist", "loadfile", "--no-loadscope-reorder") if jobs > 1 else ()


def touches_the_database(chosen: Sequence[str]) -> bool:
    """Is there anything for the second pass in what the user chose?"""
    paths = [argument for argument in chosen if argument.startswith("tests")]
    elsewhere = tuple(f"tests/{folder}" for folder in NOT_ABOUT_THE_DATABASE)
    return not paths or not all(path.startswith(elsewhere) for path in paths)


def jobs() -> int:
    """How many test processes: JOBS, else one for each core, at most four."""
    return int(os.environ.get("JOBS") or min(os.cpu_count() or 1, 4))


def _djade(*options: str) -> list[str]:
    templates = sorted(str(path.relative_to(ROOT)) for path in ROOT.glob("templates/**/*.html"))
    return tool("djade", "--target-version", "5.2", *options, *templates)
