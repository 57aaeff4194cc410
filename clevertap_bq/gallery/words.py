"""Words that samples share: what is too long, and what is not written in Latin letters."""

from datetime import UTC, datetime

UNBROKEN = ("Donaudampfschifffahrtsgesellschaftskundendatenbank" * 4)[:200]
SENTENCE = (
    "A name that somebody made rather longer than it had to be, because the team that reads it "
    "wanted to see region, purpose, owner and year without opening anything"
)
ARABIC = "قاعدة بيانات عملاء المتجر للإنتاج"
CHINESE = "生产环境客户数据仓库上海"
EMOJI = "🛒 Shop 👩‍🔬🏳️‍🌈 données"
EMAIL = "importer@acme-analytics.iam.gserviceaccount.com"
PERSON = "maria.lindqvist@example.com"
AT = datetime(2025, 3, 14, 9, 26, 53, tzinfo=UTC)
GRANT = {
    "label": "gcloud",
    "code": "gcloud projects add-iam-policy-binding acme-analytics \\\n"
    f"  --member=serviceAccount:{EMAIL} \\\n"
    "  --role=roles/bigquery.jobUser",
}
