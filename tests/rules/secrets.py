"""What is logged, compared and put into messages."""

import ast
import re

from tests.rules.rule import Rule, calls, dotted, last

LOGGING = {"debug", "info", "warning", "error", "critical", "exception", "log", "bind"}
# A word of the name of a variable or an attribute. "key_id" and "reason" are no secrets.
SECRET = re.compile(
    r"(^|_)(key|passcode|password|token|secret|seed|code|codes|credential|credentials|private|"
    r"ring|link|path|cookie|session|body|text|content|row|rows|record|records|values|cells|"
    r"error|exc|exception|failure|refusal|trouble|request|response|answer)$"
)
HARMLESS = {"reason", "code", "status", "name", "status_code"}  # as attributes: failure.code


def _names(node):
    """Names that a value is made of, but not what only asks of what kind it is or how many."""
    if isinstance(node, ast.Call) and last(dotted(node.func)) in {"type", "len", "round"}:
        return
    if isinstance(node, ast.Attribute):
        if node.attr not in HARMLESS and not node.attr.startswith("__"):
            yield node.attr
        return
    if isinstance(node, ast.Subscript):
        yield from _names(node.slice) if not isinstance(node.slice, ast.Constant) else ()
        return
    if isinstance(node, ast.IfExp):  # what is asked is not what is said
        yield from (*_names(node.body), *_names(node.orelse))
        return
    if isinstance(node, ast.Name):
        yield node.id
    for child in ast.iter_child_nodes(node):
        yield from _names(child)


def _is_log(name):
    return last(name) in LOGGING and "log" in name.rpartition(".")[0].lower()


def logged(tree):
    for call, name in calls(tree):
        if not _is_log(name):
            continue
        given = [*call.args, *(one.value for one in call.keywords if one.arg)]
        if any(SECRET.search(word) for value in given for word in _names(value)):
            yield call


def compared(tree):
    words = re.compile(r"(^|_)(token|secret|digest|password|passcode|signature|mac|otp)$")
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.Eq | ast.NotEq):
            sides = (node.left, *node.comparators)
            names = [last(dotted(side)) for side in sides]
            if any(words.search(name) for name in names) and not any(
                isinstance(side, ast.Constant) for side in sides
            ):
                yield node


def rung(tree):
    for call, name in calls(tree):
        if last(name) in {"delay", "apply_async", "send_task", "delay_on_commit", "signature"}:
            yield call


def rung_with_more_than_ids(tree):
    for call, name in calls(tree):
        if last(name) in {"ring", "ring_on_commit"} and (
            len(call.args) != 1
            or any(
                one.arg is None or not (one.arg.endswith("_id") or one.arg == "wait_seconds")
                for one in call.keywords
            )
        ):
            yield call


def revealed(tree):
    for call, name in calls(tree):
        if last(name) in {"reveal", "reveal_bytes"}:
            yield call


def unmarked(tree):
    """Functions that take a secret in the clear and may stand in a report of an error."""
    words = {"password", "passcode", "token", "seed", "secret", "private_key"}
    for node in ast.walk(tree):
        if not isinstance(node, ast.FunctionDef):
            continue
        given = [one for one in (*node.args.args, *node.args.kwonlyargs) if one.arg in words]
        clear = [one for one in given if one.annotation and ast.unparse(one.annotation) == "str"]
        marks = {
            last(dotted(d.func if isinstance(d, ast.Call) else d)) for d in node.decorator_list
        }
        if clear and "sensitive_variables" not in marks:
            yield node


RULES = (
    Rule(
        "nothing secret is logged",
        "Log ids, numbers and reasons. Never keys, rows, requests, or an error with its text.",
        logged,
        bad=(
            "logger.info('tested', key=key)",
            "logger.warning('no', passcode=account.passcode)",
            "logger.error('failed: %s', error)",
            "log.debug(f'got {row}')",
            "logger.info('made', link=str(link))",
            "logger.warning('sent', value=batch.records)",
        ),
        good=(
            "logger.info('tested', test=str(test_id), key_id=key_id)",
            "logger.warning('away', error=type(error).__name__, reason=error.reason)",
            "logger.info('judged', rows=result['rows'], cells=len(cells))",
            "logger.info('ended', reason=failure.code if failure else '')",
            "journal.write(key)",
        ),
        # Takes an error apart: its type and places in our code, never its text.
        allowed=("connections/bigquery/diagnosis.py",),
    ),
    Rule(
        "secrets are compared in constant time",
        "Use secrets.compare_digest, or look a hash up in the database.",
        compared,
        bad=("if token == expected: pass", "ok = given.digest != digest"),
        good=("if kind == 'token': pass", "compare_digest(token, expected)", "a.state == b"),
        # Of a list that was reviewed: made of ids and names that the person has just seen.
        allowed=(
            "connections/services/bulk_deletion.py",
            "connections/services/deletion.py",
            "imports/services/deletion.py",
        ),
    ),
    Rule(
        "only the bells ring",
        "Ring through connections.bell or accounts.services.post: after the commit, ids only.",
        rung,
        bad=("probe.delay(key)", "app.send_task('x')", "task.apply_async(kwargs={})"),
        good=("ring(probe, test_id=test.pk)", "probe.run()"),
        allowed=("connections/bell.py", "accounts/services/post.py"),
    ),
    Rule(
        "messages hold ids",
        "A bell is rung with the task and keywords that end in _id.",
        rung_with_more_than_ids,
        bad=("ring(probe, connection)", "ring_on_commit(probe, key=key)", "ring(probe, **more)"),
        good=("ring(probe, test_id=test.pk, wait_seconds=2)", "bell(key)"),
    ),
    Rule(
        "secrets are opened where they are used",
        "Hand the Secret on; only gateways, the envelope and readers of sealed rows open it.",
        revealed,
        bad=("print(key.reveal())", "secret.reveal_bytes()"),
        good=("key.secret", "curtain()"),
        allowed=(
            "connections/encryption.py",
            "connections/service_account/*.py",
            "connections/models/lookup.py",
            "imports/clevertap/client.py",
            "imports/contents.py",
            "imports/services/dry_runs.py",
        ),
    ),
    Rule(
        "secrets in the clear are marked",
        "Put @sensitive_variables on a function that takes one as text: reports leave it out.",
        unmarked,
        bad=("def sign_in(password: str): pass", "def use(*, token: str): pass"),
        good=(
            "@sensitive_variables()\ndef sign_in(password: str): pass",
            "def sealed(passcode: Secret): pass",
            "def cause(reason: str): pass",
        ),
        allowed=(
            # A gateway knows no Django; the view around it is marked, and so what it calls.
            "accounts/sso/provider.py",
            # The token of a list that was reviewed is no secret.
            "connections/services/bulk_deletion.py",
            "imports/services/deletion.py",
        ),
    ),
)
