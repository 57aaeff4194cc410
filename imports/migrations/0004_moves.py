import uuid

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


def name_the_connection_of_each_run(apps, schema_editor):
    """Until now no import could move: every run read from its import's connection."""
    imports = apps.get_model("imports", "Import").objects
    of_its_import = imports.filter(pk=models.OuterRef("parent_id")).values("connection_id")[:1]
    apps.get_model("imports", "Run").objects.update(connection_id=models.Subquery(of_its_import))


class Migration(migrations.Migration):

    dependencies = [
        ('connections', '0003_deletion_choice'),
        ('imports', '0003_trouble_of_a_run'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='import',
            name='deleted_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddConstraint(
            model_name='import',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('deleted_at__isnull', True), ('deleted_by__isnull', True)), ('deleted_at__isnull', False), _connector='OR'), name='import_deleted_by_only_when_deleted'),
        ),
        migrations.CreateModel(
            name='Move',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('moved_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('from_connection', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='imports_moved', to='connections.connection')),
                ('moved_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('parent', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='moves', to='imports.import')),
                ('to_connection', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='connections.connection')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('parent', 'from_connection'), name='import_moved_once')],
            },
        ),
        migrations.AddField(
            model_name='run',
            name='connection',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='runs', to='connections.connection'),
        ),
        migrations.RunPython(name_the_connection_of_each_run, migrations.RunPython.noop),
        migrations.AlterField(
            model_name='run',
            name='connection',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='runs', to='connections.connection'),
        ),
    ]
