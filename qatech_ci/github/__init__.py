"""GitHub: the event that started the run, the REST API over PyGithub, and the Actions runner."""
