"""Write the names of organisations and chapters as they are kept from now on, and let each chapter have its own."""

import django.db.models.functions.text
from django.db import migrations, models

from config.api.text import tidied_line

LONGEST = 200


def tidy(apps, schema_editor):
    """Compose accents, take out what can't be seen, and number chapters that would have one name."""
    for name in ("Organization", "Chapter"):
        for row in apps.get_model("scenarios", name).objects.order_by("pk"):
            tidied = tidied_line(row.name)[:LONGEST] or row.pk
            if tidied != row.name:
                print(f"\n    {name} {row.pk}: its name is written “{tidied}” now.", end="")
                row.name = tidied
                row.save(update_fields=["name"])
    taken = set()
    for chapter in apps.get_model("scenarios", "Chapter").objects.order_by("organization_id", "pk"):
        name, number = chapter.name, 1
        while (chapter.organization_id, name.casefold()) in taken:
            number += 1
            name = f"{chapter.name[: LONGEST - 6]} ({number})"
        taken.add((chapter.organization_id, name.casefold()))
        if name != chapter.name:
            print(f"\n    Chapter {chapter.pk}: another one had its name; it is “{name}” now.", end="")
            chapter.name = name
            chapter.save(update_fields=["name"])


class Migration(migrations.Migration):
    dependencies = [("scenarios", "0009_hours_between_messages")]

    operations = [
        migrations.RunPython(tidy, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="chapter",
            constraint=models.UniqueConstraint(
                models.F("organization"),
                django.db.models.functions.text.Lower(models.Func(models.F("name"), function="NORMALIZE")),
                name="chapter_name_once",
                violation_error_message="Another chapter of this organisation has this name.",
            ),
        ),
    ]
