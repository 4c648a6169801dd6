"""The web process, in production and in `make run`: gunicorn config.wsgi --config config/gunicorn.conf.py

What is given on the command line wins over this file: `--bind 127.0.0.1:8000 --workers 4`.
"""

# Two, so that one is there while the other is replaced. More where there are more cores: about one for each.
workers = 2
# Collects each request before a thread gets it, with deadlines for headers, body and answer: see config/web_worker.py.
worker_class = "config.web_worker.BufferingWorker"
# Pages wait for PostgreSQL most of the time. Each thread keeps a connection to it: 2 x 8 of the usual 100.
threads = 8
# Open connections of one worker, those that wait included. Two sockets of these fit below the usual 1,024 open files.
worker_connections = 500
# Waiting in the kernel until a worker takes them: a moment's worth.
backlog = 512
# Seconds that a connection is kept for a next request; a proxy's own connections are reused within this time.
keepalive = 5
# A worker whose loop has not come round for this long is stuck, and is replaced.
timeout = 30
# A restart waits this long for pages that are being made. No statement of a page takes longer.
graceful_timeout = 10
# What Python leaves behind in memory goes with the worker. The jitter keeps them from going at the same moment.
max_requests = 20_000
max_requests_jitter = 2_000
# Imports once for all workers, so that a replaced one starts at once. A new version is a restart, not a HUP.
preload_app = True

# The address of a list with many filters; more than a browser sends.
limit_request_line = 8190
limit_request_fields = 100
limit_request_field_size = 8190

# Nothing that a client sends decides what gunicorn takes for https or for our own address. Where a proxy sets
# X-Forwarded-Proto, BEHIND_PROXY tells Django to believe it: one place decides.
forwarded_allow_ips = ""
secure_scheme_headers: dict[str, str] = {}
# A header with an underscore looks like another one to Django, and SCRIPT_NAME would move every address.
forwarder_headers = ""
header_map = "drop"

# Nobody here asks it for anything, and a socket is one more door.
control_socket_disable = True
# Requests are logged by whoever is in front; errors by Django.
loglevel = "warning"
