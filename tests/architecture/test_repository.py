"""The repository keeps its own rules: sizes, documents in step with code, no leaks."""

import ast
import re
import shutil
import statistics
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("accounts", "clevertap_bq", "connections", "imports", "sandbox")
READERS = {"text", "flag", "integer", "decimal", "words"}
# Read by docker-compose.yml, not by our settings.
NOT_OURS = {"PORT", "VERSION"}
TEXT = {".py", ".md", ".html", ".css", ".js", ".toml", ".yml", ".yaml", ".txt", ".json", ".svg", ""}
MADE_HERE = {
    ".git",
    ".venv",
    "var",
    "staticfiles",
    "node_modules",
    "__pycache__",
    ".mypy_cache",
} | {".ruff_cache", ".pytest_cache", ".import_linter_cache", ".hypothesis"}
# Put together here, so that this file does not hold what it forbids.
THIS_MACHINE = re.compile(r"(?<![\w.~-])/(?:{}|{})/".format("wor" + "k", "roo" + "t"))
REGISTRIES = [
    "--index" + "-url",
    "--extra" + "-index-url",
    "pypi" + ".org",
    "python" + "hosted",
    "deb." + "debian.org",
    "registry." + "npmjs",
]
PRIVATE_KEY = re.compile(r"BEGIN [A-Z ]*PRIVATE KEY-----(?:\\+[nr]|\s)*[A-Za-z0-9+/]{60}")


def committed() -> list[Path]:
    """Every file that git has or would take; in a tree without git, all but what is made here."""
    if not (ROOT / ".git").exists() or not shutil.which("git"):
        every = (path for path in ROOT.rglob("*") if path.is_file())
        return [path for path in every if not MADE_HERE & set(path.relative_to(ROOT).parts)]
    listing = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-co", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return [path for name in listing.split("\0") if name and (path := ROOT / name).is_file()]


def texts() -> Iterator[tuple[str, str]]:
    for path in committed():
        if path.suffix in TEXT:
            yield str(path.relative_to(ROOT)), path.read_text(encoding="utf-8", errors="replace")


def sources(*, with_tests: bool = False) -> list[Path]:
    kept = [path for path in committed() if path.suffix == ".py" and "migrations" not in path.parts]
    tops = {*PACKAGES, "tests", "bench", "manage.py"} if with_tests else set(PACKAGES)
    return [path for path in kept if path.relative_to(ROOT).parts[0] in tops]


def functions(paths: list[Path]) -> Iterator[tuple[str, int]]:
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                name = f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
                yield name, (node.end_lineno or node.lineno) - node.lineno + 1


def too_long(pattern: str, limit: int) -> dict[str, int]:
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text().splitlines())
        for path in committed()
        if re.fullmatch(pattern, str(path.relative_to(ROOT)))
    }
    assert lengths, f"nothing matches {pattern}"
    return {name: lines for name, lines in lengths.items() if lines > limit}


def variables_read() -> set[str]:
    """The first argument of every env.text(), env.flag(), env.integer(), env.words()."""
    found = set()
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text())):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and isinstance(node.func.value, ast.Name)
                and (node.func.value.id, node.func.attr) in {("env", name) for name in READERS}
            ):
                assert isinstance(node.args[0], ast.Constant)
                found.add(node.args[0].value)
    return found


def variables_of_the_example() -> set[str]:
    text = (ROOT / ".env.example").read_text()
    names = re.findall(r"^(?:# )?([A-Z][A-Z_]+)=", text, re.MULTILINE)
    return {name.removesuffix("_FILE") for name in names}


def variables_of_the_table() -> set[str]:
    text = (ROOT / "docs" / "operations.md").read_text()
    table = text.partition("### Every variable")[2].partition("\n### ")[0]
    rows = re.findall(r"^\| (`.+?`) \|", table, re.MULTILINE)
    return {name for row in rows for name in re.findall(r"`([A-Z_]+)`", row)}


@pytest.mark.parametrize(
    ("pattern", "limit"),
    [
        (rf"(?:{'|'.join(PACKAGES)}|tests|bench)/(?!.*migrations/).*\.py", 400),
        (r"templates/(?:.*/)?[^_/][^/]*\.html", 150),
        (r"templates/(?:.*/)?_[^/]*\.html", 60),
        (r"static/.*\.css", 200),
        (r"static/.*\.js", 100),
    ],
)
def test_no_file_is_longer_than_its_kind_may_be(pattern: str, limit: int):
    assert too_long(pattern, limit) == {}


def test_no_function_is_longer_than_50_lines():
    assert {name: size for name, size in functions(sources()) if size > 50} == {}


def test_nine_functions_of_ten_have_at_most_30_lines():
    sizes = [size for _, size in functions(sources())]
    assert statistics.quantiles(sizes, n=10)[8] <= 30


def test_no_test_is_longer_than_25_lines():
    tests = [path for path in sources(with_tests=True) if path.name.startswith("test_")]
    named = {name: size for name, size in functions(tests) if name.split()[1].startswith("test_")}
    assert {name: size for name, size in named.items() if size > 25} == {}


def test_the_example_names_every_variable_and_no_other():
    assert variables_of_the_example() - NOT_OURS == variables_read()


def test_the_operations_page_explains_every_variable_and_no_other():
    assert variables_of_the_table() - NOT_OURS == variables_read()


def test_only_env_reads_the_environment():
    allowed = {"clevertap_bq/env.py", "clevertap_bq/celery.py", "clevertap_bq/wsgi.py"}
    readers = {
        name
        for name, text in texts()
        if name.endswith(".py")
        and name.startswith(("accounts/", "connections/", "imports/", "clevertap_bq/"))
        and not name.startswith("clevertap_bq/local/")
        and re.search(r"\bos\.(environ|getenv)\b", text)
    }
    assert readers - allowed == set()


def test_compose_gives_only_variables_that_somebody_reads():
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    given = {
        name.removesuffix("_FILE")
        for name, service in services.items()
        if name not in ("db", "redis")
        for name in service.get("environment", {})
    }
    assert given - NOT_OURS <= variables_read()
    assert {"SECRET_KEY", "CREDENTIAL_RING", "DATABASE_URL", "REDIS_URL"} <= given


def test_every_make_command_in_the_documents_exists():
    targets = set(re.findall(r"^([a-z][a-z -]*):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    known = {target for line in targets for target in line.split()}
    mentioned = {
        (name, command)
        for name, text in texts()
        if name.endswith(".md")
        for command in re.findall(r"(?:`|^\s*\$? ?)make ([a-z][a-z-]+)\b(?!\.)", text, re.MULTILINE)
        if f"`make {command}" in text or re.search(rf"^\s*\$? ?make {command}", text, re.MULTILINE)
    }
    assert {pair for pair in mentioned if pair[1] not in known} == set()
    assert {"run", "test"} <= {command for name, command in mentioned if name == "README.md"}


def test_continuous_integration_runs_what_people_run():
    assert "make test" in (ROOT / ".ci" / "run").read_text().splitlines()[-1]


def test_no_file_names_a_folder_of_the_machine_it_was_written_on():
    assert [name for name, text in texts() if THIS_MACHINE.search(text)] == []


@pytest.mark.parametrize("registry", REGISTRIES)
def test_no_file_names_a_package_registry(registry: str):
    assert [name for name, text in texts() if registry in text] == []


def test_no_file_holds_a_private_key():
    assert [name for name, text in texts() if PRIVATE_KEY.search(text)] == []


def test_every_package_is_pinned_and_has_its_hashes():
    for path in sorted((ROOT / "requirements").glob("*.txt")):
        entries = re.findall(r"^[A-Za-z0-9].*?(?=^[A-Za-z0-9]|\Z)", path.read_text(), re.M | re.S)
        bare = [entry for entry in entries if "==" not in entry or "--hash=sha256:" not in entry]
        assert entries
        assert bare == [], path.name
