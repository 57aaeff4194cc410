"""Ways that secrets and rows of customers take, for the canary test: each is gone, failures too."""

import base64
import json

import redis
from django.test import Client

from connections.models import Lookup
from imports.models import WriteBack
from tests.factories import CleverTapAccountFactory, ImportFactory
from tests.oidc_provider import CLIENT_ID, CLIENT_SECRET

BEGIN, BACK = "/sign-in/single-sign-on/", "/sign-in/single-sign-on/back/"


def links_that_break(client, path):
    """By another method, without its end, with more, and used twice."""
    client.put(path)
    client.get(path.removesuffix("/"))
    client.get(f"{path}more/")
    client.post(path)
    client.post(path)


def of_single_sign_on(provider, settings, secrets):
    """In, and refused: what was agreed with the provider, what it gave, and what it said."""
    settings.OIDC_ISSUER, settings.OIDC_CLIENT_ID = provider.issuer, CLIENT_ID
    settings.OIDC_CLIENT_SECRET = CLIENT_SECRET
    browser = Client()
    answer = provider.authorise(browser.get(BEGIN).url, email="admin@shop.example")
    started = browser.session["single_sign_on"]
    secrets |= {"client secret": CLIENT_SECRET, "code": answer["code"]}
    secrets |= {name: started[name] for name in ("state", "nonce", "verifier")}
    assert browser.get(BACK, answer).url == "/"
    assert browser.get(BACK, answer).status_code == 403
    for wrong in ({"code": "another"}, {"state": "another"}, {"error": "canary of the provider"}):
        again = Client()
        answer = provider.authorise(again.get(BEGIN).url)
        assert again.get(BACK, {**answer, **wrong}).status_code == 403
    secrets["ID token"] = provider.given[0]["id_token"]
    secrets["access token"] = provider.given[0]["access_token"]
    secrets["what the provider says"] = "a canary of the provider"
    settings.OIDC_ISSUER = ""


def of_a_mapping(client, admin, customer):
    """First rows, on the page of Map and as they are typed; an import that writes back."""
    draft = ImportFactory(
        created_by=admin,
        account=CleverTapAccountFactory(created_by=admin),
        draft=True,
        write_back=True,
    )
    page = f"{draft.get_absolute_url()}map/"
    client.get(page)
    columns = [{"name": "email", "type": "STRING", "mode": "NULLABLE"}]
    Lookup.objects.latest("requested_at").answered({"columns": columns, "preview": [[customer]]})
    assert customer in client.get(page).content.decode(), "no first rows to look for"
    form = {"kind": "profile", "identity_column": "email", "identity_as": "identity"}
    form |= {"columns-TOTAL_FORMS": 1, "columns-0-column": "email", "time_zone": "UTC"}
    assert customer in client.post(f"{page}live/", form).content.decode()
    return page


def of_a_write_back(client, run):
    """One that failed, and is asked for once more."""
    facts = {"state": "failed", "finished_at": run.finished_at, "code": "x", "sentence": "No."}
    WriteBack.objects.create(run=run, **facts)
    client.post(f"{run.get_absolute_url()}write-back/")


def kept_by_redis(address):
    """Every key of broker and cache with its value; the bodies of messages as they are meant."""
    found = []
    with redis.Redis.from_url(address) as server:
        for key in server.scan_iter("*"):
            found.append(key.decode())
            for value in _values(server, key):
                found.append(value.decode(errors="replace"))
                found += _body(value)
    return "\n".join(found)


def _values(server, key):
    kind = server.type(key).decode()
    if kind == "hash":
        return [part for pair in server.hgetall(key).items() for part in pair]
    read = {
        "string": lambda: [server.get(key)],
        "list": lambda: server.lrange(key, 0, -1),
        "set": lambda: server.smembers(key),
        "zset": lambda: server.zrange(key, 0, -1),
    }
    return read[kind]()


def _body(value):
    try:
        return [base64.b64decode(json.loads(value)["body"]).decode()]
    except (ValueError, KeyError, TypeError):
        return []
