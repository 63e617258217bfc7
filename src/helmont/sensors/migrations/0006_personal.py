from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('sensors', '0005_alerts'),
    ]

    operations = [
        migrations.AddField(
            model_name='endpointresult',
            name='personal',
            field=models.JSONField(default=dict),
        ),
    ]
