"""Beside the contract: mentors and facts, for the systems that know them. No name, no address of anybody."""
