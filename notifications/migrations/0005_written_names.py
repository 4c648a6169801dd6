"""Write the names and addresses of people as they are kept from now on."""

from django.db import migrations, models

from config.api.text import clean_address, tidied_line


def tidy(apps, schema_editor):
    """Compose accents and take out what can't be seen; an address that can't be right is left for people to see."""
    for name, line, address in (("Contact", "name", "email"), ("ChannelSetting", "sender_name", "reply_to")):
        model = apps.get_model("notifications", name)
        changed, wrong = [], 0
        for row in model.objects.iterator():
            before = (getattr(row, line), getattr(row, address))
            setattr(row, line, tidied_line(before[0]) or before[0])
            try:
                setattr(row, address, clean_address(before[1]))
            except ValueError:
                wrong += 1
            if before != (getattr(row, line), getattr(row, address)):
                changed.append(row)
        model.objects.bulk_update(changed, [line, address], batch_size=1000)
        # Numbers only: the output of an upgrade is kept in logs.
        if changed or wrong:
            print(f"\n    {name}: {len(changed)} written anew, {wrong} addresses that can't be right.", end="")


class Migration(migrations.Migration):
    dependencies = [("notifications", "0004_wording_state_constraints")]

    operations = [
        migrations.AlterField(
            model_name="channelsetting",
            name="sender_name",
            field=models.CharField(
                blank=True, help_text="Empty: the organisation's.", max_length=100, verbose_name="sender's name"
            ),
        ),
        migrations.AlterField(
            model_name="contact", name="name", field=models.CharField(max_length=200, verbose_name="name")
        ),
        migrations.AlterField(
            model_name="variant", name="subject", field=models.CharField(max_length=100, verbose_name="title")
        ),
        migrations.RunPython(tidy, migrations.RunPython.noop),
    ]
