"""Days, times and zones in words, in the zone and language that the request activated."""

from django import template

from scheduler.services import when

register = template.Library()
for said in (
    when.clock_time,
    when.clock_seconds,
    when.day_date,
    when.day_name,
    when.long_day,
    when.short_day,
    when.moment,
    when.moment_inside,
    when.seconds,
):
    register.filter(said)
register.simple_tag(when.zone_words)
