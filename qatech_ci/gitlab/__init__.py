"""GitLab: the pipeline that started the run, the REST API over python-gitlab, and the job."""
