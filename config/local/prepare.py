"""Bring database, demo and static files to where the code expects them.

One process for all of it: each start of Django takes seconds.
"""

import hashlib
import os
import sys
from pathlib import Path

import django

ADMIN = "admin"


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    call_command("migrate", interactive=False, verbosity=int(sys.stdout.isatty()))
    call_command("seed_demo", once=True)
    make_admin(settings.HOME)
    collect_static(Path(settings.STATIC_ROOT))


def make_admin(home) -> None:
    """Make the user whose login is printed. Whoever has a user of that name already keeps their password."""
    from django.contrib.auth import get_user_model

    from config.local.home import kept_secret

    User = get_user_model()
    if not User.objects.filter(username=ADMIN).exists():
        User.objects.create_superuser(ADMIN, "", kept_secret(home.admin_password, 12))


def collect_static(root: Path) -> None:
    from django.core.management import call_command

    stamp = root / ".collected"
    fingerprint = static_fingerprint()
    if stamp.exists() and stamp.read_text() == fingerprint:
        return
    call_command("collectstatic", interactive=False, verbosity=0)
    stamp.write_text(fingerprint)


def static_fingerprint() -> str:
    """Changes when a static file does: asking every file for its date is much quicker than comparing them."""
    from django.contrib.staticfiles.finders import get_finders

    digest = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list([]):
            found = os.stat(storage.path(path))
            digest.update(f"{path} {found.st_size} {found.st_mtime_ns}\n".encode())
    return digest.hexdigest()


if __name__ == "__main__":
    main()
