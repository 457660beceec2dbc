"""How the web server runs: `gunicorn --config site/config/gunicorn.py --bind HOST:PORT config.wsgi`.

Only POSIX; two processes of four threads serve a small installation, and the simulated Instagram beside it.
"""

import gc
from pathlib import Path
from typing import Any

pythonpath = str(Path(__file__).resolve().parents[1])
worker_class = "config.patience.PatientWorker"
workers = 2
threads = 4
keepalive = 5  # seconds; also how long a request that has begun may pause
graceful_timeout = 8  # below the grace of `up`, so that the web server ends by itself
loglevel = "warning"
control_socket_disable = True
# Which proxies count is said by TRUSTED_PROXIES, and judged by our own middleware: here nobody may say more than the
# two headers with an underscore in their names that the simulated upload host must see. gunicorn drops all others.
forwarded_allow_ips = "*"
forwarder_headers = "FILE_SIZE,FILE_URL"
secure_scheme_headers: dict[str, str] = {}

# Loaded once and then forked, the processes share most of their memory.
preload_app = True


def when_ready(server: Any) -> None:
    """Load what the first request would load, before the fork, and keep it out of the collector's way.

    A collection writes into every object it looks at, and so makes a copy of each shared page.
    """
    from django.urls import get_resolver

    get_resolver().reverse_dict  # noqa: B018 - reading it imports every view
    gc.collect()
    gc.freeze()
