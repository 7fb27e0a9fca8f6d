"""The inputs, out of a job's variables."""

import json
import re
from collections.abc import Iterator, Mapping

PREFIX = "QATECH_"
_LONGEST = 2000
"""Characters of a preview's URL."""


def input_values(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the inputs by name: `QATECH_PASS_ON` is `pass-on`.

    `deploy-outputs`, where it is not set, has every variable that holds a URL, so that
    `{output: PREVIEW_URL}` finds what an earlier job handed over in its dotenv report.
    """
    values = {
        name.removeprefix(PREFIX).lower().replace("_", "-"): value
        for name, value in environ.items()
        if name.startswith(PREFIX)
    }
    if not values.get("deploy-outputs", "").strip():
        values["deploy-outputs"] = json.dumps(dict(_deploy_outputs(environ)))
    return values


def _deploy_outputs(environ: Mapping[str, str]) -> Iterator[tuple[str, object]]:
    """Yield variables as jobs with one output each: that is the form which the input has.

    GitLab's own variables are left out, since none but the environment's URL is a preview.
    """
    for name, value in environ.items():
        is_own = name.startswith(("CI_", "GITLAB_", PREFIX)) and name != "CI_ENVIRONMENT_URL"
        if not is_own and len(value) <= _LONGEST and re.fullmatch(r"https?://\S+", value.strip()):
            yield name, {"outputs": {"url": value.strip()}}
