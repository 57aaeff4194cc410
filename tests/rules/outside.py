"""What goes out, what is run, and what comes from a request."""

import ast
import re

from tests.rules.rule import Rule, calls, dotted, is_false, keyword, last

_HTTP = {"get", "post", "put", "patch", "delete", "head", "options", "request"}
_ADDRESS_HEADER = re.compile(r"(?i)(http[-_])?x[-_](forwarded|real[-_]ip)[-_\w]*$|remote_addr$")
_OPENS = {
    "urlopen",
    "HTTPConnection",
    "HTTPSConnection",
    "SMTP",
    "SMTP_SSL",
    "Redis",
    "from_url",
}


def without_timeout(tree):
    for call, name in calls(tree):
        is_http = name.partition(".")[0] == "requests" and last(name) in _HTTP
        is_http = is_http or name == "socket.create_connection"
        if (is_http or last(name) in _OPENS) and keyword(call, "timeout") is None:
            yield call


def following_redirects(tree):
    for call, name in calls(tree):
        is_http = name.partition(".")[0] == "requests" and last(name) in _HTTP
        if is_http and not is_false(keyword(call, "allow_redirects")):
            yield call


def unchecked_tls(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and is_false(keyword(node, "verify")):
            yield node
        if isinstance(node, ast.Attribute | ast.Name) and last(dotted(node)) in {
            "_create_unverified_context",
            "CERT_NONE",
        }:
            yield node
        targets = node.targets if isinstance(node, ast.Assign) and is_false(node.value) else []
        if any(last(dotted(one)) in {"verify", "check_hostname"} for one in targets):
            yield node


def started(tree):
    """Other programs, and code that is made of text."""
    for call, name in calls(tree):
        head, tail = name.partition(".")[0], last(name)
        is_program = head == "subprocess" or name in {"os.system", "os.popen"}
        is_program = is_program or (head == "os" and tail.startswith(("exec", "spawn")))
        if is_program or name in {"eval", "exec", "compile", "__import__"}:
            yield call


def through_a_shell(tree):
    for call, name in calls(tree):
        shell = keyword(call, "shell")
        if name in {"os.system", "os.popen"} or (shell is not None and not is_false(shell)):
            yield call


def unpickled(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [one.name for one in node.names] + [getattr(node, "module", None) or ""]
            if {"pickle", "marshal", "shelve", "dill", "yaml"} & {
                n.partition(".")[0] for n in names
            }:
                yield node


def addresses_of_requests(tree):
    """Where a request comes from is decided in one place, which knows the proxies."""
    for node in ast.walk(tree):
        value = node.value if isinstance(node, ast.Constant) else None
        if isinstance(value, str) and _ADDRESS_HEADER.match(value):
            yield node


def links_of_the_host(tree):
    for call, name in calls(tree):
        if last(name) in {"build_absolute_uri", "get_current_site"}:
            yield call


def redirects_as_asked(tree):
    for call, name in calls(tree):
        leads = last(name) in {"redirect", "HttpResponseRedirect", "HttpResponseClientRedirect"}
        if leads and any(_is_as_asked(one) for one in call.args):
            yield call


def _is_as_asked(node):
    if isinstance(node, ast.Call) and last(dotted(node.func)) in {"next_page", "way_back"}:
        return False
    if isinstance(node, ast.Attribute) and dotted(node).startswith(
        ("request.GET", "request.POST", "request.headers")
    ):
        return True
    return any(_is_as_asked(child) for child in ast.iter_child_nodes(node))


RULES = (
    Rule(
        "nothing waits for ever",
        "Give a timeout to whatever opens a connection.",
        without_timeout,
        bad=("requests.get(url)", "urlopen(url)", "smtplib.SMTP(host)"),
        good=("requests.get(url, timeout=5)", "cache.get(key)", "urlopen(url, timeout=2)"),
    ),
    Rule(
        "nothing is led elsewhere",
        "Say allow_redirects=False: whoever answers does not choose whom we ask next.",
        following_redirects,
        bad=("requests.get(url, timeout=5)", "requests.post(url, allow_redirects=True)"),
        good=("requests.get(url, timeout=5, allow_redirects=False)", "cache.get(url)"),
    ),
    Rule(
        "certificates are checked",
        "Never switch the check of certificates or of host names off.",
        unchecked_tls,
        bad=(
            "get(url, verify=False)",
            "session.verify = False",
            "context.verify_mode = ssl.CERT_NONE",
            "ssl._create_unverified_context()",
        ),
        good=("get(url, verify=bundle)", "session.trust_env = False"),
    ),
    Rule(
        "no program is started and no code made",
        "Only make's own start-up starts programs; nothing makes code of text.",
        started,
        bad=("subprocess.run(['ls'])", "os.execv(a, b)", "eval(text)", "os.popen('ls')"),
        good=("re.compile(text)", "runner.run()", "os.environ.get('A')"),
        allowed=("clevertap_bq/local/*.py",),
    ),
    Rule(
        "nothing goes through a shell",
        "Give a list of words, and no shell.",
        through_a_shell,
        bad=("subprocess.run(words, shell=True)", "os.system('ls')", "run(w, shell=flag)"),
        good=("subprocess.run(words)", "run(words, shell=False)"),
    ),
    Rule(
        "nothing is unpickled",
        "JSON is read; pickle, marshal, shelve and YAML run what they are told.",
        unpickled,
        bad=("import pickle", "from yaml import load", "import marshal as m"),
        good=("import json", "from pickles import Gherkin"),
    ),
    Rule(
        "one place says where a request comes from",
        "Call accounts.address: it knows which proxies are believed.",
        addresses_of_requests,
        bad=("request.META['REMOTE_ADDR']", "request.headers['X-Forwarded-For']"),
        good=("address.current()", "'X-Forwarded-For is written by anybody'"),
        allowed=("accounts/address.py", "clevertap_bq/settings.py"),
    ),
    Rule(
        "links are made of PUBLIC_URL",
        "A Host header must not choose where a mailed link leads.",
        links_of_the_host,
        bad=("request.build_absolute_uri('/x')", "get_current_site(request)"),
        good=("f'{settings.PUBLIC_URL}{path}'",),
    ),
    Rule(
        "nobody is sent where a request says",
        "Check it first, as next_page and way_back do.",
        redirects_as_asked,
        bad=("redirect(request.GET['next'])", "HttpResponseRedirect(request.POST.get('to'))"),
        good=("redirect(next_page(request))", "redirect(way_back(request.GET) or home)"),
    ),
)
