"""Requests and time: a bounded session, retries, and the one deadline of the step."""
