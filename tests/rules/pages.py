"""Pages, queries, and failures that are kept quiet."""

import ast

from tests.rules.rule import Rule, calls, dotted, last


def trusted_html(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr == "__html__":
            yield node
    for call, name in calls(tree):
        is_ours = bool(call.args) and isinstance(call.args[0], ast.Constant)
        if last(name) in {"mark_safe", "SafeString", "SafeText", "Markup"} and not is_ours:
            yield call
        if last(name) == "format_html" and not isinstance(call.args[0], ast.Constant):
            yield call


def raw_sql(tree):
    for call, name in calls(tree):
        if last(name) in {"raw", "RawSQL", "extra", "cursor", "execute", "executemany"}:
            yield call


def unguarded_forms(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Name | ast.Attribute) and last(dotted(node)) in {
            "csrf_exempt",
            "xframe_options_exempt",
            "csp_exempt",
            "csp_replace",
            "csp_update",
        }:
            yield node


def debugging(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            is_off = isinstance(node.value, ast.Constant) and node.value.value is False
            if any(dotted(one) in {"DEBUG", "settings.DEBUG"} for one in targets) and not is_off:
                yield node
    for call, name in calls(tree):
        if name in {"breakpoint", "pdb.set_trace", "print_exc", "traceback.print_exc"}:
            yield call


def swallowed(tree):
    """Whatever went wrong, nobody hears of it."""
    broad = {"Exception", "BaseException"}
    for node in ast.walk(tree):
        if isinstance(node, ast.ExceptHandler):
            caught = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
            is_broad = any(one is None or dotted(one) in broad for one in caught)
            is_quiet = all(isinstance(one, ast.Pass | ast.Continue) for one in node.body)
            if is_broad and is_quiet:
                yield node
        is_call = isinstance(node, ast.Call) and last(dotted(node.func)) == "suppress"
        if is_call and any(dotted(one) in broad for one in node.args):
            yield node


def shown_errors(tree):
    """The text of an error that is not ours, on a page or in a row."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.ExceptHandler) or node.name is None:
            continue
        caught = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
        foreign = {"Exception", "ValueError", "OSError", "KeyError", "RequestException"}
        foreign |= {"GoogleAPIError", "RefreshError", "DatabaseError", "IntegrityError"}
        if not any(one is not None and last(dotted(one)) in foreign for one in caught):
            continue
        for call, name in calls(ast.Module(node.body, [])):
            given = [dotted(one) for one in call.args]
            if name in {"str", "repr"} and node.name in given:
                yield call


RULES = (
    Rule(
        "text is text",
        "Templates escape. format_html with a template of ours, never a string called safe.",
        trusted_html,
        bad=("mark_safe(name)", "SafeString(x)", "format_html(template, name)"),
        good=("format_html('<b>{}</b>', name)", "SafeString(' selected')"),
        # Chooses among two lines of its own; fills in what a template of ours has drawn.
        allowed=("clevertap_bq/bundles.py", "imports/views/drawn_rows.py"),
    ),
    Rule(
        "the ORM asks the database",
        "SQL by hand stands in the listed modules only, and takes nothing from outside.",
        raw_sql,
        bad=("User.objects.raw(sql)", "connection.cursor()", "rows.extra(where=[w])"),
        good=("rows.filter(name=name)", "User.objects.update(role=role)"),
        allowed=(
            "accounts/triggers.py",
            "clevertap_bq/health.py",
            "imports/models/batch_statements.py",  # names of its own columns, and parameters
            "imports/models/owned_update.py",  # the same
            "imports/models/written_at_once.py",  # both of these
        ),
    ),
    Rule(
        "no page leaves a guard out",
        "No exemption from the CSRF check, the content policy or the ban on frames.",
        unguarded_forms,
        bad=("@csrf_exempt\ndef view(request): pass", "view = csp_exempt(view)"),
        good=("@require_POST\ndef view(request): pass",),
    ),
    Rule(
        "nothing is debugged in production",
        "DEBUG is False, always: its pages show variables, and some of ours are secrets.",
        debugging,
        bad=("DEBUG = env.flag('DEBUG')", "settings.DEBUG = True", "breakpoint()"),
        good=("DEBUG = False", "is_debug = True"),
    ),
    Rule(
        "no failure is kept quiet",
        "Name what may go wrong, or let it be seen.",
        swallowed,
        bad=(
            "try: a()\nexcept Exception: pass",
            "try: a()\nexcept: pass",
            "with suppress(Exception): a()",
        ),
        good=(
            "try: a()\nexcept KeyError: pass",
            "try: a()\nexcept Exception: b()",
            "with suppress(OSError): a()",
        ),
        # What it tidies up after is raised.
        allowed=("connections/bigquery/checks.py",),
    ),
    Rule(
        "no library speaks to people",
        "Say our own sentence: the text of a foreign error may repeat what it was given.",
        shown_errors,
        bad=("try: a()\nexcept ValueError as error: say(str(error))",),
        good=(
            "try: a()\nexcept LinkRefused as refusal: say(str(refusal))",
            "try: a()\nexcept ValueError as error: raise Refused('no') from None",
        ),
        # The ValueError is its own, with its own sentence.
        allowed=("connections/egress.py",),
    ),
)
