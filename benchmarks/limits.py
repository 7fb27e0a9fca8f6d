"""What the figures may be at most. Ratios only: absolute times are the machine's."""

MARGIN = 1.25
"""For what is timed: a shared machine disturbs a ratio of medians by up to a tenth, and a step back
worth noticing, such as one more library imported at the start, costs a quarter and more."""
STARTUP = 8.5
"""Process start to the start request over bare Python."""
MEMORY_MARGIN = 1.1
"""Memory is nearly the same from run to run, yet not from one build of Python to the next."""
MEMORY = 3.3
"""Resident memory by then over that of bare Python: 30 MB over 9 MB."""
POLLING = 1.05
"""Cost of polling at the published times over the least possible. Computed, hence no margin."""
SPREAD = 1.25
"""Busiest second over the mean, of runs that start together; and after an outage over before."""
AFTER_REPLY = 3
"""GitHub requests between the last reply and the end, exactly counted."""
