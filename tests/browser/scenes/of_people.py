"""Ways in, one's own account, users, audit logs, search, and pages of failure."""

from tests.browser.scenes import steps
from tests.browser.scenes.scene import (
    BROKEN,
    CREATOR,
    EMPTY,
    MEMBER,
    NOBODY,
    STRANGER,
    Place,
    Scene,
    row,
)

SIGN_IN, ACCOUNT = Place("accounts:sign_in"), Place("accounts:account")
USERS, LOGS = Place("accounts:users"), Place("accounts:audit_logs")
SEARCH = Place("search")
CODE, FORGOT = Place("accounts:sign_in_code"), Place("accounts:forgot_password")
SSO_BEGIN, SSO_END = Place("accounts:sso_begin"), Place("accounts:sso_end")
STEP, VISITS = Place("accounts:second_step"), Place("accounts:visits")
PERSON = Place("accounts:person", {"user_id": row("person")})
LOCKED, TWO_STEPS = "locked@shop.example", "two.steps@shop.example"
PASSWORD = "a few odd words"
LONGEST = "Customers_of_every_shop"


def link(token):
    return Place("accounts:sign_in_link", {"token": token})


def sought(text):
    return Place("search", query=f"q={text}")


def failure(code, address):
    """A page of failure has no route; templates/<code>.html is what asks for its scene."""
    return Place(f"error {code}", address=address)


def signing_in(email, password="not the password"):
    return (
        steps.fill("E-mail", email),
        steps.fill("Password", password),
        steps.press("Sign in"),
    )


SCENES = [
    Scene(SIGN_IN, "empty", who=NOBODY),
    Scene(
        SIGN_IN,
        "all is missing",
        who=NOBODY,
        steps=(steps.press("Sign in"), steps.see(".error-summary")),
    ),
    Scene(
        SIGN_IN,
        "refused",
        who=NOBODY,
        steps=(*signing_in("nobody@shop.example"), steps.see(".error-summary")),
    ),
    Scene(
        SIGN_IN,
        "locked",
        who=NOBODY,
        steps=(*signing_in(LOCKED), steps.see("text=Too many tries")),
        status=429,
    ),
    Scene(
        CODE,
        "asked for",
        who=NOBODY,
        at=SIGN_IN,
        steps=(*signing_in(TWO_STEPS, PASSWORD), steps.see("text=Enter your code")),
    ),
    Scene(
        CODE,
        "refused",
        who=NOBODY,
        at=SIGN_IN,
        steps=(
            *signing_in(TWO_STEPS, PASSWORD),
            steps.fill("Code", "000000"),
            steps.press("Sign in"),
            steps.see(".error-summary"),
        ),
    ),
    Scene(FORGOT, "with a mail server", who=NOBODY),
    Scene(FORGOT, "without one", who=NOBODY, world=EMPTY),
    Scene(
        FORGOT,
        "sent",
        who=NOBODY,
        steps=(
            steps.fill("E-mail", "nobody@shop.example"),
            steps.press("Send link"),
            steps.see("text=Look into your mail"),
        ),
    ),
    Scene(SSO_BEGIN, "the provider is away", NOBODY, BROKEN, status=503),
    Scene(SSO_END, "nobody has begun", NOBODY, BROKEN, status=403),
    Scene(link("good"), "good", who=NOBODY),
    Scene(link("reset"), "reset", who=NOBODY),
    Scene(link("used"), "used", who=NOBODY, status=410),
    Scene(link("expired"), "expired", who=NOBODY, status=410),
    Scene(link("never-made"), "unknown", who=NOBODY, status=410),
    Scene(ACCOUNT, "with a password"),
    Scene(ACCOUNT, "without a password", who=MEMBER),
    Scene(ACCOUNT, "too long", who=STRANGER),
    Scene(
        ACCOUNT,
        "wrong password",
        steps=(
            steps.fill("Current password", "not it"),
            steps.fill("New password", "short"),
            steps.fill("New password again", "other"),
            steps.press("Change password"),
            steps.see(".error-summary"),
        ),
    ),
    Scene(STEP, "being set up", who=CREATOR),
    Scene(STEP, "off", who=MEMBER),
    Scene(STEP, "password asked for"),
    Scene(STEP, "on", who=STRANGER),
    Scene(VISITS, "two"),
    Scene(VISITS, "one", who=MEMBER),
    Scene(Place("accounts:roles"), "seen by a member", who=MEMBER),
    Scene(Place("accounts:rules"), "none chosen"),
    Scene(PERSON, "a creator"),
    Scene(USERS, "few", world=EMPTY),
    Scene(USERS, "many"),
    Scene(
        USERS,
        "nothing typed",
        world=EMPTY,
        steps=(steps.press("Add person"), steps.see(".error-summary")),
    ),
    Scene(USERS, "forbidden to a creator", who=CREATOR, status=403),
    Scene(
        Place("accounts:user_link", {"user_id": row("person")}),
        "shown once",
        at=USERS,
        steps=(
            steps.press("Make a sign-in link for ana.ortega@shop.example"),
            steps.see("h1:has-text('Sign-in link for')"),
        ),
    ),
    Scene(LOGS, "empty", world=EMPTY),
    Scene(LOGS, "many"),
    Scene(Place("accounts:audit_logs", query="person=zebra&from=x"), "nothing passes"),
    Scene(Place("accounts:audit_entry", {"entry_id": row("entry")}), "before and after"),
    Scene(SEARCH, "nothing is typed", who=MEMBER),
    Scene(sought("o"), "many of each kind"),
    Scene(sought("production"), "one"),
    Scene(sought(LONGEST[:20]), "names that are too long", who=STRANGER),
    Scene(sought(str(row("run partly"))[:8]), "a run by its ID"),
    Scene(sought("zebra"), "nothing found", who=MEMBER),
    Scene(sought("zebra"), "nothing to be found", world=EMPTY, who=CREATOR),
    Scene(sought("z" * 200), "nothing found of a long word"),
    Scene(sought("z" * 300), "more typed than is taken"),
    Scene(failure(404, "/settings/no-such-page/"), "signed in", status=404),
    Scene(failure(403, "/settings/users/"), "a member", who=MEMBER, status=403),
    Scene(failure(500, "/sign-in/link/any/"), "a table is gone", NOBODY, BROKEN, status=500),
    Scene(failure(400, "//elsewhere.localhost/sign-in/"), "another host", who=NOBODY, status=400),
    Scene(
        failure("403_csrf", "/sign-in/"),
        "the cookie is gone",
        who=NOBODY,
        steps=(
            steps.lose_cookie("csrf"),
            steps.press("Sign in"),
            steps.see(".gate__code"),
        ),
        status=403,
    ),
]
