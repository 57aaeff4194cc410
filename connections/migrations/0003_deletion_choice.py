import django.db.models.deletion
from django.db import migrations, models


def choose_for_those_that_left(apps, schema_editor):
    """Until now there was one choice: to stop everything at once."""
    connections = apps.get_model("connections", "Connection").objects
    connections.exclude(state="active").update(deletion_choice="stop")


class Migration(migrations.Migration):

    dependencies = [
        ('connections', '0002_tests_of_today_and_former_keys'),
    ]

    operations = [
        migrations.AddField(
            model_name='connection',
            name='deletion_choice',
            field=models.CharField(blank=True, choices=[('stop', 'Stop them now'), ('finish', 'Let current runs finish'), ('move', 'Move the imports to another connection')], default='', max_length=8),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='connection',
            name='moved_to',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='connections.connection'),
        ),
        migrations.AddField(
            model_name='connection',
            name='finish_rung_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.RunPython(choose_for_those_that_left, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name='connection',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('deletion_choice', 'move'), ('moved_to__isnull', False)), models.Q(models.Q(('deletion_choice', 'move'), _negated=True), ('moved_to__isnull', True)), _connector='OR'), name='connection_moved_to_exactly_when_moved'),
        ),
    ]
