"""How Brazilian Portuguese shows days and times: sex., 24 de abr. · 18:30."""

DATE_FORMAT = r"D., j \d\e b."
SHORT_DATE_FORMAT = r"D., j \d\e b. \d\e Y"
TIME_FORMAT = "H:i"
HOUR_FORMAT = "H:i"
# Without the weekday, which Django would begin with a capital letter.
DATETIME_FORMAT = r"j \d\e b. \d\e Y, H:i"
SHORT_DATETIME_FORMAT = "d/m/Y H:i"
FIRST_DAY_OF_WEEK = 0
DATE_INPUT_FORMATS = ["%Y-%m-%d", "%d/%m/%Y"]
YEAR_MONTH_FORMAT = r"F \d\e Y"
LONG_DAY_FORMAT = r"l, j \d\e F"
LONG_DAY_YEAR_FORMAT = r"l, j \d\e F \d\e Y"
RANGE_SAME_MONTH_FIRST = "j"
RANGE_TWO_MONTHS_FIRST = r"j \d\e b."
RANGE_SAME_MONTH_LAST = RANGE_TWO_MONTHS_LAST = r"j \d\e b. \d\e Y"
