"""What `make` starts on a machine that has only Python: the environment, the servers, the supervisor."""
