"""QA.tech: its Chat API, the wait for replies, and a stand-in for both."""
