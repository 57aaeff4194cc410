"""Single sign-on, against a provider on this machine that may also lie."""

import time

import pytest
from joserfc.jwk import OctKey, RSAKey

from accounts.models import AuditEntry, Rules, SecondStep, User
from accounts.sso import metadata
from tests.oidc_provider import CLIENT_ID, CLIENT_SECRET, Provider

BEGIN, BACK = "/sign-in/single-sign-on/", "/sign-in/single-sign-on/back/"


@pytest.fixture(scope="module")
def one_provider():
    made = Provider()
    yield made
    made.close()


@pytest.fixture
def provider(one_provider, settings, monkeypatch):
    """Configured, and as truthful as at the start."""
    settings.OIDC_ISSUER, settings.OIDC_CLIENT_ID = one_provider.issuer, CLIENT_ID
    settings.OIDC_CLIENT_SECRET, settings.LOCAL_MODE = CLIENT_SECRET, True
    monkeypatch.setattr("accounts.sso.metadata._kept", {})
    kept = {
        name: getattr(one_provider, name)
        for name in ("key", "metadata", "claims", "header", "signs_with", "token", "status")
    }
    yield one_provider
    for name, value in kept.items():
        setattr(one_provider, name, value)


def begin(client, **query):
    return client.get(BEGIN, query).url


def come_back(client, provider, **claims):
    return client.get(BACK, provider.authorise(begin(client), **claims))


def is_signed_in(client):
    return "_auth_user_id" in client.session


class TestWayIn:
    def test_signs_the_person_in_and_goes_where_they_wanted(self, client, admin, provider):
        answer = provider.authorise(begin(client, next="/settings/users/"))

        assert client.get(BACK, answer).url == "/settings/users/"
        assert client.session["_auth_user_id"] == str(admin.pk)
        assert AuditEntry.objects.filter(action="signed in", after={"by": "single sign-on"})

    def test_asks_with_state_nonce_and_pkce(self, client, db, provider):
        url = begin(client)

        for part in ("state=", "nonce=", "code_challenge_method=S256", "scope=openid"):
            assert part in url
        assert client.session["single_sign_on"]["verifier"] not in url

    def test_knows_the_person_by_their_id_once_it_was_told(self, client, admin, provider):
        come_back(client, provider)
        client.post("/sign-out/")
        come_back(client, provider, email="renamed@example.com")

        assert client.session["_auth_user_id"] == str(admin.pk)

    @pytest.mark.parametrize("said", ["m\u0131ke@example.com", "mi\u212ae@example.com"])
    def test_takes_no_letter_for_another(self, client, db, provider, settings, monkeypatch, said):
        """A database may take a Turkish dotless i for an i, and Python a Kelvin sign for a k."""
        mike = User.objects.create_user(email="mike@example.com", role="admin")
        settings.OIDC_ADDS_PEOPLE = True
        found = User.objects.select_for_update().filter(pk=mike.pk)
        monkeypatch.setattr(
            "accounts.services.sso._with_address", lambda email: found, raising=True
        )
        come_back(client, provider, email=said)

        assert not is_signed_in(client)
        mike.refresh_from_db()
        assert mike.sso_subject is None

    def test_changes_the_key_of_the_session(self, client, admin, provider):
        url = begin(client)
        before = client.session.session_key
        client.get(BACK, provider.authorise(url))

        assert client.session.session_key != before

    def test_takes_the_providers_steps_for_the_second_step(self, client, admin, provider):
        SecondStep.objects.create(user=admin, boxed_seed="x", confirmed_at=admin.created_at)
        Rules.objects.create(is_second_step_required=True)
        come_back(client, provider)

        assert client.get("/settings/users/").status_code == 200

    def test_goes_on_when_the_provider_has_new_keys(self, client, admin, provider):
        come_back(client, provider)
        client.post("/sign-out/")
        provider.rotate()

        assert come_back(client, provider).url == "/"

    def test_is_offered_on_the_sign_in_page_only_where_configured(self, client, db, provider):
        assert "Sign in with single sign-on" in client.get("/sign-in/").content.decode()

    def test_does_not_exist_where_it_is_not_configured(self, client, db):
        assert client.get(BEGIN).status_code == client.get(BACK).status_code == 404
        assert "single sign-on" not in client.get("/sign-in/").content.decode()

    def test_never_leads_to_another_site(self, client, admin, provider):
        answer = provider.authorise(begin(client, next="https://evil.example/"))

        assert client.get(BACK, answer).url == "/"


class TestRefusals:
    @pytest.mark.parametrize(
        "claims",
        [
            pytest.param({"iss": "http://evil.example"}, id="another issuer"),
            pytest.param({"aud": "somebody-else"}, id="another audience"),
            pytest.param({"aud": [CLIENT_ID, "other"]}, id="many audiences without azp"),
            pytest.param({"nonce": "another"}, id="another nonce"),
            pytest.param({"nonce": None}, id="no nonce"),
            pytest.param({"exp": int(time.time()) - 3600}, id="too old"),
            pytest.param({"exp": None}, id="without an end"),
            pytest.param({"sub": None}, id="nobody"),
            pytest.param({"sub": ""}, id="an empty id"),
            pytest.param({"email": None}, id="no e-mail"),
            pytest.param({"email": 7}, id="a number for an e-mail"),
            pytest.param({"email": "ana@example.com\0"}, id="an e-mail that no database takes"),
            pytest.param({"email": "\u202eana@example.com"}, id="an e-mail written backwards"),
            pytest.param({"email": f"{'a' * 250}@x.example"}, id="too long an e-mail"),
            pytest.param({"sub": "4711\n"}, id="an id of two lines"),
            pytest.param({"sub": "4" * 256}, id="too long an id"),
            pytest.param({"email_verified": False}, id="an e-mail not verified"),
            pytest.param({"email_verified": "true"}, id="a text for verified"),
            pytest.param({"email": "eve@example.com", "sub": "666"}, id="nobody of ours"),
        ],
    )
    def test_an_answer_that_does_not_hold(self, client, admin, provider, claims):
        response = come_back(client, provider, **claims)

        assert response.status_code == 403
        assert not is_signed_in(client)
        assert AuditEntry.objects.get().action == "sign-in refused"

    @pytest.mark.parametrize(
        ("claims", "name"),
        [({"email": "eve@example.com", "sub": "666"}, "eve@example.com"), ({"nonce": "x"}, "")],
    )
    def test_the_trail_says_for_whom_where_the_provider_vouches(
        self, client, admin, provider, claims, name
    ):
        come_back(client, provider, **claims)

        assert AuditEntry.objects.get().object_name == name

    @pytest.mark.parametrize("forged", ["none", "shared secret", "own key", "no token"])
    def test_a_token_that_the_provider_did_not_sign(self, client, admin, provider, forged):
        provider.signs_with = {
            "shared secret": OctKey.import_key(CLIENT_SECRET),
            "own key": RSAKey.generate_key(2048, {"kid": "one"}),
        }.get(forged)
        provider.token = {"none": "eyJhbGciOiJub25lIn0.e30.", "no token": "x"}.get(forged)

        assert come_back(client, provider).status_code == 403
        assert not is_signed_in(client)

    def test_another_state_and_a_second_use(self, client, admin, provider):
        answer = provider.authorise(begin(client))
        assert client.get(BACK, {**answer, "state": "another"}).status_code == 403
        assert client.get(BACK, answer).status_code == 403
        assert not is_signed_in(client)

    def test_an_answer_in_another_browser(self, client, admin, provider):
        answer = provider.authorise(begin(client))
        client.cookies.clear()

        assert client.get(BACK, answer).status_code == 403
        assert not AuditEntry.objects.exists()

    @pytest.mark.parametrize(
        "change", [{"iss": "http://evil.example"}, {"error": "access_denied"}, {"code": ""}]
    )
    def test_an_answer_with_something_else_in_it(self, client, admin, provider, change):
        answer = provider.authorise(begin(client)) | change

        assert client.get(BACK, answer).status_code == 403

    def test_too_long_a_wait(self, client, admin, provider):
        answer = provider.authorise(begin(client))
        session = client.session
        session["single_sign_on"] = {**session["single_sign_on"], "at": 0}
        session.save()

        assert client.get(BACK, answer).status_code == 403

    def test_repeats_nothing_that_the_provider_says(self, client, admin, provider):
        answer = provider.authorise(begin(client)) | {"code": "another"}

        assert "canary" not in client.get(BACK, answer).content.decode()
        assert "canary" not in str(list(AuditEntry.objects.values()))

    def test_somebody_switched_off(self, client, admin, provider):
        User.objects.update(is_active=False)

        assert "You are not in the list" in come_back(client, provider).content.decode()
        assert not is_signed_in(client)

    def test_a_person_whose_address_somebody_else_has_there(self, client, admin, provider):
        come_back(client, provider)
        client.post("/sign-out/")

        assert come_back(client, provider, sub="666").status_code == 403
        assert not is_signed_in(client)


class TestProvider:
    @pytest.mark.parametrize(
        "metadata",
        [
            pytest.param({"issuer": "http://evil.example"}, id="another issuer"),
            pytest.param({"token_endpoint": "http://evil.example/token"}, id="plain elsewhere"),
            pytest.param({"authorization_endpoint": "javascript:x"}, id="no address"),
            pytest.param({"jwks_uri": "file:///etc/passwd"}, id="a file"),
            pytest.param({"token_endpoint": None}, id="none"),
        ],
    )
    def test_that_says_what_must_not_be_trusted_is_not_used(self, client, db, provider, metadata):
        provider.metadata = metadata

        assert client.get(BEGIN).status_code == 503

    @pytest.mark.parametrize("status", [302, 404, 500])
    def test_that_does_not_answer_is_said_so(self, client, db, provider, status):
        provider.status = status

        page = client.get(BEGIN)

        assert page.status_code == 503
        assert "does not answer as it should" in page.content.decode()

    def test_that_talks_without_end_is_not_read_to_it(self, client, admin, provider):
        url = begin(client)
        provider.token = "x" * 300_000
        assert client.get(BACK, provider.authorise(url)).status_code == 503

        provider.metadata = {"more": "x" * 300_000}
        metadata._kept.clear()
        assert client.get(BEGIN).status_code == 503

    def test_may_not_be_plain_outside_of_local_mode(self, client, db, provider, settings):
        settings.LOCAL_MODE = False

        assert client.get(BEGIN).status_code == 503


class TestPeople:
    def test_are_added_where_that_is_switched_on(self, client, db, provider, settings):
        settings.OIDC_ADDS_PEOPLE = True
        come_back(client, provider, email="New@Example.com", sub="8")

        person = User.objects.get()
        assert (person.email, person.role) == ("new@example.com", "member")
        assert not person.has_usable_password()

    @pytest.mark.parametrize(
        ("groups", "role"),
        [(["staff", "bq-admins"], "admin"), (["bq-makers"], "creator"), ("bq-makers", "creator")],
    )
    def test_have_the_role_that_the_claim_gives(
        self, client, member, provider, settings, groups, role
    ):
        settings.OIDC_ROLE_CLAIM = "groups"
        settings.OIDC_ROLES = {"admin": ["bq-admins"], "creator": ["bq-makers"], "member": []}
        come_back(client, provider, email=member.email, sub="9", groups=groups)

        member.refresh_from_db()
        assert member.role == role
        assert AuditEntry.objects.filter(action="role changed").exists()

    @pytest.mark.parametrize("groups", [[], ["staff"], None, "", {"a": 1}, 7])
    def test_without_a_role_are_not_let_in(self, client, member, provider, settings, groups):
        settings.OIDC_ROLE_CLAIM = "groups"
        settings.OIDC_ROLES = {"admin": ["bq-admins"], "creator": [], "member": []}

        assert come_back(client, provider, email=member.email, groups=groups).status_code == 403
        assert not is_signed_in(client)

    def test_the_last_admin_stays_one(self, client, admin, provider, settings):
        settings.OIDC_ROLE_CLAIM = "groups"
        settings.OIDC_ROLES = {"admin": [], "creator": [], "member": ["all"]}
        come_back(client, provider, groups=["all"])

        assert User.objects.get().role == "admin"
