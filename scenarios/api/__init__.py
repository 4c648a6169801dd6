"""The second published contract, and the addresses that feed facts. The contract's words are translated here."""
