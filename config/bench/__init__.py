"""`make bench`: how fast the daily run is, against the best that one statement of SQL can do with the same tables."""
