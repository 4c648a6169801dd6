"""The doorbell of the workers: a batch waits. Nothing is lost when nobody hears it, since every tick rings again."""

from django.dispatch import Signal

batches_waiting = Signal()
# Questions wait for an answer.
questions_waiting = Signal()
