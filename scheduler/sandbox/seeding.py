"""What making a demo needs of the simulated Instagram beyond its pages: no waiting, another time, no socket."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from requests.adapters import BaseAdapter

from scheduler.sandbox import fetching
from scheduler.sandbox.models import Control

NO_DELAYS = {"delay_image_s": 0, "delay_video_s": 0, "delay_video_s_per_mb": 0, "list_lag_s": 0}


@contextmanager
def without_delays() -> Iterator[None]:
    """Let media be ready at once; afterwards delays and clock are as they were."""
    control = Control.load()
    before = {name: getattr(control, name) for name in (*NO_DELAYS, "clock_offset_s")}
    Control.objects.filter(pk=control.pk).update(**NO_DELAYS)
    try:
        yield
    finally:
        Control.objects.filter(pk=control.pk).update(**before)


def set_clock(offset: timedelta) -> None:
    """Let the simulated Instagram live `offset` away from now."""
    Control.objects.filter(pk=Control.load().pk).update(clock_offset_s=offset.total_seconds())


@contextmanager
def fetching_through(origin: str, adapter: BaseAdapter) -> Iterator[None]:
    """Fetch media of `origin` ("http://host:port/") by `adapter` while no web server runs yet."""
    session = fetching.fetching_session()
    before = session.adapters.get(origin)
    session.mount(origin, adapter)
    try:
        yield
    finally:
        session.adapters.pop(origin)
        if before is not None:
            session.mount(origin, before)
