"""Real threads on a real database: a file instead of SQLite's memory, whose shared cache locks like nothing else."""

import sqlite3
from contextlib import closing
from threading import Barrier, Thread

import pytest
from django.db import connections

PATIENCE_S = 30


@pytest.fixture
def on_disk(transactional_db, tmp_path):
    """Put the test's databases into files for one test, so that every thread has a connection of its own."""
    memory = [alias for alias in connections if connections[alias].vendor == "sqlite"]
    kept = {alias: (connections[alias], connections.settings[alias]) for alias in memory}
    for alias, (connection, facts) in kept.items():
        path = tmp_path / f"{alias}.sqlite3"
        connection.ensure_connection()
        with closing(sqlite3.connect(path)) as file:
            connection.connection.backup(file)
        connections.settings[alias] = facts | {"NAME": path}
        del connections[alias]
    yield
    for alias, (connection, facts) in kept.items():
        connections[alias].close()
        connections.settings[alias] = facts
        connections[alias] = connection


def together(*jobs):
    """Start all jobs in the same instant, each in a thread; return their results in order, exceptions among them."""
    start, results = Barrier(len(jobs)), [None] * len(jobs)

    def run(number, job):
        start.wait(PATIENCE_S)
        try:
            results[number] = job()
        except Exception as trouble:  # told to the test, which looks at it
            results[number] = trouble
        finally:
            connections.close_all()

    threads = [Thread(target=run, args=pair, daemon=True) for pair in enumerate(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_S)
    assert not any(thread.is_alive() for thread in threads), "a thread did not come back"
    return results
