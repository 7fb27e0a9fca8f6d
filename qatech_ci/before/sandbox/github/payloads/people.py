"""Users, bots and the app behind `GITHUB_TOKEN`."""

from typing import Any
from urllib.parse import quote

from qatech_ci.before.sandbox.github.payloads.links import Links
from qatech_ci.before.sandbox.github.state import number_of
from qatech_ci.before.sandbox.github.tokens import ACTIONS_BOT

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
# Id, owner and name; the id of GitHub Actions as on github.com.
_APPS = {
    "github-actions": (15368, "github", "GitHub Actions"),
    "qa-tech": (number_of("apps/qa-tech"), "QAdottech", "QA.tech"),
}


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
    """Return the app through which `login` acted; None for a person and for other bots."""
    return integration_payload("github-actions", links) if login == ACTIONS_BOT else None


def integration_payload(slug: str, links: Links) -> dict[str, Any]:
    """Return the GitHub App of this slug."""
    number, owner, name = _APPS.get(slug, (number_of(f"apps/{slug}"), slug, slug))
    return {
        "id": number,
        "slug": slug,
        "node_id": f"A_standin{number}",
        "owner": user_payload(owner, links, "Organization"),
        "name": name,
        "description": f"A stand-in for {name}",
        "external_url": f"{links.web}/apps/{slug}",
        "html_url": f"{links.web}/apps/{slug}",
        "created_at": "2018-07-30T09:30:17Z",
        "updated_at": "2019-12-10T19:04:12Z",
        "permissions": {"issues": "write", "metadata": "read", "pull_requests": "write"},
        "events": [],
    }
