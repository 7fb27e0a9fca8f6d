"""The outputs as variables for later jobs.

GitLab takes a file of less than 5 KB, one `NAME=value` a line, without quotes, comments and empty
lines; a line that does not fit fails the upload, and `$` in a value is expanded later:
https://docs.gitlab.com/ci/yaml/artifacts_reports/#artifactsreportsdotenv and GitLab's source,
parse_dotenv_artifact_service.rb
"""

import re
from collections.abc import Mapping

from qatech_ci.before.report import OUTPUTS

_LONGEST = 500
"""Characters of a value. All of them together stay below the 5 KB that gitlab.com takes."""
NAMES = tuple(name for name in OUTPUTS if name not in {"reply", "overrides"})
"""Not `result` either: they have several lines, or are longer than fits."""


def dotenv(values: Mapping[str, str]) -> str:
    """Return the outputs that fit, as `QATECH_…`: plain ASCII on one line, and nothing to expand.

    One that does not fit is empty, as half a value could be taken for another. None is left out: a
    later job would find that of another review in the pipeline in its place.
    """
    return "".join(
        f"QATECH_{name.upper().replace('-', '_')}={_fitting(values.get(name, ''))}\n"
        for name in NAMES
    )


def _fitting(value: str) -> str:
    return value if len(value) <= _LONGEST and re.fullmatch(r"[ -#%-~]*", value) else ""
