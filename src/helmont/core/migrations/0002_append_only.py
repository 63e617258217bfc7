from django.db import migrations

from helmont.core.ledger import triggers


class Migration(migrations.Migration):
    dependencies = [("core", "0001_initial")]

    operations = [
        migrations.RunPython(
            lambda apps, schema_editor: triggers.install(schema_editor.connection),
            lambda apps, schema_editor: triggers.uninstall(schema_editor.connection),
            elidable=False,
        )
    ]
