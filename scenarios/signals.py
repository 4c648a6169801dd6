"""The one doorbell between apps: something may be due to be told. Nothing is lost when nobody hears it."""

from django.dispatch import Signal

due = Signal()
