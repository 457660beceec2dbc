"""How English shows days and times: Fri, Apr 24 · 6:30 PM."""

DATE_FORMAT = "D, M j"
SHORT_DATE_FORMAT = "D, M j, Y"
TIME_FORMAT = "g:i A"
DATETIME_FORMAT = "D, M j, Y, g:i A"
SHORT_DATETIME_FORMAT = "M j, Y, g:i A"
FIRST_DAY_OF_WEEK = 0
