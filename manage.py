#!/usr/bin/env python
import os
import sys


def main() -> None:
    # Only this door opens onto a developer's machine; every other one means production unless told otherwise.
    os.environ.setdefault("DJANGO_ENV", "local")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
