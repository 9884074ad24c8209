"""The year and the month told: figures with their formulas, a site's score, the report in Word."""
