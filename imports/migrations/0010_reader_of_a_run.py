from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("imports", "0009_cursors"),
    ]

    operations = [
        migrations.AddField(
            model_name="run",
            name="reader",
            field=models.CharField(
                blank=True,
                choices=[
                    ("rest", "Pages of the REST API"),
                    ("storage", "Storage Read API"),
                    ("proving", "REST, as soon as its order is proved"),
                ],
                db_default="",
                default="",
                max_length=16,
            ),
        ),
        migrations.AddField(
            model_name="run",
            name="read_stream",
            field=models.CharField(blank=True, db_default="", default="", max_length=500),
        ),
    ]
