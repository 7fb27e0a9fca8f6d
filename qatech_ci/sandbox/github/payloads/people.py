"""Users, bots and the app behind `GITHUB_TOKEN`."""

from typing import Any
from urllib.parse import quote

from qatech_ci.sandbox.github.payloads.links import Links
from qatech_ci.sandbox.github.state import ACTIONS_BOT, number_of

_BELOW_USER = {
    "followers_url": "/followers",
    "following_url": "/following{/other_user}",
    "gists_url": "/gists{/gist_id}",
    "starred_url": "/starred{/owner}{/repo}",
    "subscriptions_url": "/subscriptions",
    "organizations_url": "/orgs",
    "repos_url": "/repos",
    "events_url": "/events{/privacy}",
    "received_events_url": "/received_events",
}
_ACTIONS_APP_ID = 15368  # as on github.com


def user_payload(login: str, links: Links, kind: str = "User") -> dict[str, Any]:
    """Return the user, bot or organization that is called `login`."""
    number, is_bot = number_of(login), login.endswith("[bot]")
    url = f"{links.api}/users/{quote(login)}"
    page = f"{links.web}/apps/{login.removesuffix('[bot]')}" if is_bot else f"{links.web}/{login}"
    return {
        "login": login,
        "id": number,
        "node_id": f"U_standin{number}",
        "avatar_url": f"{links.web}/{quote(login)}.png",
        "gravatar_id": "",
        "url": url,
        "html_url": page,
        **{name: url + path for name, path in _BELOW_USER.items()},
        "type": "Bot" if is_bot else kind,
        "user_view_type": "public",
        "site_admin": False,
    }


def app_payload(login: str, links: Links) -> dict[str, Any] | None:
    """Return the app through which `login` acted; None for a person."""
    if login != ACTIONS_BOT:
        return None
    return {
        "id": _ACTIONS_APP_ID,
        "slug": "github-actions",
        "node_id": f"A_standin{_ACTIONS_APP_ID}",
        "owner": user_payload("github", links, "Organization"),
        "name": "GitHub Actions",
        "description": "A stand-in for GitHub Actions",
        "external_url": "https://help.github.com/en/actions",
        "html_url": f"{links.web}/apps/github-actions",
        "created_at": "2018-07-30T09:30:17Z",
        "updated_at": "2019-12-10T19:04:12Z",
        "permissions": {"issues": "write", "metadata": "read", "pull_requests": "write"},
        "events": [],
    }
