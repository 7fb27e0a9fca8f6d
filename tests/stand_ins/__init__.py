"""GitHub and GitLab at the other end of real HTTP, in memory, as small as the tests need.

Both speak of octo-org/shop (on GitLab octo-group/shop) and its pull request 7, the world that
`payloads/README.md` describes. What they hold is the JSON that the API shows, for tests to change.
"""
