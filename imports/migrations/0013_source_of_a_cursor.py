"""What a cursor's value speaks of is named by dataset and query too, not by the table alone.

Each was moved by a run that knows what it read. Going back, no cursor fits what its import
reads: the next runs send all rows, and none is lost.
"""

from django.db import migrations

# Not a copy of it: what is stored here is compared with what it says in runs to come.
from imports.models.cursor import source_of


def name_anew(apps, schema_editor):
    cursors = apps.get_model("imports", "Cursor").objects.exclude(value="")
    for cursor in cursors.select_related("moved_by_run").iterator():
        cursor.source = source_of(cursor.moved_by_run.snapshot)
        cursor.save(update_fields=["source"])


class Migration(migrations.Migration):

    dependencies = [
        ('imports', '0012_final_states'),
    ]

    operations = [
        migrations.RunPython(name_anew, migrations.RunPython.noop),
    ]
