"""Statistics over seeds and samples: intervals, tests, attainment, risk, prediction sets."""
