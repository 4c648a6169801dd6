"""The doorbells between apps. Nothing is lost when nobody hears one: every tick looks for itself."""

from django.dispatch import Signal

# Something may be due to be told.
due = Signal()
# A part of a run that was held is so no longer (run_id, now).
part_settled = Signal()
