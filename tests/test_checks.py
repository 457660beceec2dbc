"""Django's own checks find nothing to say, not even a warning."""

from django.core.management import call_command


def test_django_has_nothing_to_warn_of(db):
    call_command("check", fail_level="WARNING")
