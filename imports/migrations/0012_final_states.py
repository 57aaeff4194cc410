from django.db import migrations

from imports.final_states import guard, unguard


class Migration(migrations.Migration):

    dependencies = [
        ('imports', '0011_kept_rows_and_decisions'),
    ]

    operations = [
        migrations.RunPython(guard, unguard),
    ]
