"""A review in steps, and what is told of it."""
