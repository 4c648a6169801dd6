"""Kills every part of a running Peerwell again and again, and counts who heard what: `make chaos N=16 SEED=1`."""
