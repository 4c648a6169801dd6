"""The first published contract: the log of runs, and the verbs that callers have. Its words are translated here."""
