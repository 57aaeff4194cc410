"""Likely causes and rights beyond the task, as the pages of a test show them."""

import pytest
from django.urls import reverse
from django.utils import timezone

from connections.models import ConnectionTest, ConnectionTestStep
from connections.status import fingerprint_of
from tests.factories import ConnectionFactory

CAUSE = {
    "title": "The account was deleted.",
    "tell": "It is not found.",
    "then": "Make a new account.",
    "commands": [
        {"label": "Look at the account", "code": "gcloud iam service-accounts describe x"}
    ],
}
TITLE = "This key may do more than it needs"


@pytest.fixture
def finished(admin):
    """A finished test of a connection, with these causes on its only step."""

    def make(causes=(), excess=()):
        connection = ConnectionFactory(created_by=admin)
        test = ConnectionTest.objects.create(
            connection=connection,
            key=connection.key,
            project_id=connection.project_id,
            dataset_id=connection.dataset_id,
            access=connection.access,
            fingerprint=fingerprint_of(connection),
            requested_by=admin,
            verdict="failed",
            finished_at=timezone.now(),
            excess=list(excess),
        )
        ConnectionTestStep.objects.create(
            test=test,
            position=0,
            code="token",
            title="Google accepts the key",
            result="failed",
            sentence="No.",
            cure={"causes": list(causes)} if causes else {},
        )
        connection.speak_by(test)
        return test

    return make


def panel(client, test, **headers):
    page = client.get(reverse("connections:test_panel", args=[test.pk]), headers=headers)
    assert page.status_code == 200
    return page.content.decode()


def test_shows_the_likeliest_cause_and_folds_the_others(as_admin, finished):
    others = [CAUSE | {"title": "The account is disabled."}, CAUSE | {"title": "A third one."}]
    page = panel(as_admin, finished([CAUSE, *others]))
    first, _, folded = page.partition("<summary>2 other causes, and how to tell</summary>")
    assert "Likely causes, most likely first" in first
    assert "The account was deleted." in first
    assert first.index("The account was deleted.") < first.index("gcloud iam service-accounts")
    assert folded.index("The account is disabled.") < folded.index("A third one.")


def test_a_single_other_cause_is_not_called_causes(as_admin, finished):
    page = panel(as_admin, finished([CAUSE, CAUSE | {"title": "The account is disabled."}]))
    assert "1 other cause, and how to tell" in page


def test_shows_no_list_where_there_are_no_causes(as_admin, finished):
    assert "Likely causes" not in panel(as_admin, finished())


def test_words_of_a_cause_are_words_and_not_markup(as_admin, finished):
    cause = CAUSE | {
        "tell": "<script>alert(1)</script>",
        "commands": [{"label": "<b>", "code": "<i>"}],
    }
    page = panel(as_admin, finished([cause]))
    assert "<script>alert" not in page
    assert "<i>" not in page


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_points_out_what_the_key_may_do_too_much(as_admin, finished, headers):
    test = finished(excess=["whole_project"])
    page = panel(as_admin, test, **headers)
    assert TITLE in page
    assert f"--member=serviceAccount:{test.key.client_email}" in page
    assert "remove-iam-policy-binding shop-4711" in page


def test_says_nothing_of_a_key_that_may_do_its_task_only(as_admin, finished):
    assert TITLE not in panel(as_admin, finished())


def test_a_code_that_is_not_known_says_nothing(as_admin, finished):
    assert TITLE not in panel(as_admin, finished(excess=["may_fly"]))


def test_the_page_of_the_connection_points_it_out_too(as_admin, finished):
    test = finished(excess=["may_write"])
    page = as_admin.get(test.connection.get_absolute_url()).content.decode()
    assert TITLE in page
    assert "REVOKE `roles/bigquery.dataEditor`" in page
