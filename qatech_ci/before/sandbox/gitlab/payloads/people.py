"""Users, members and tokens."""

from datetime import datetime
from typing import Any

from qatech_ci.before.sandbox.gitlab.payloads.links import Links, timestamp
from qatech_ci.before.sandbox.gitlab.records import number_of
from qatech_ci.before.sandbox.gitlab.tokens import Token


def user_payload(login: str, links: Links) -> dict[str, Any]:
    """Return a user as other things name one."""
    return {
        "id": number_of(login),
        "username": login,
        "public_email": None,
        "name": login,
        "state": "active",
        "locked": False,
        "avatar_url": None,
        "web_url": f"{links.web}/{login}",
    }


def caller_payload(token: Token, at: datetime, links: Links) -> dict[str, Any]:
    """Return who calls; a token of a project or group has a bot of its own.

    Source: https://docs.gitlab.com/api/users/#retrieve-the-current-user
    """
    return {
        **user_payload(token.login, links),
        "created_at": timestamp(at),
        "bio": "",
        "bot": token.is_bot,
        "email": f"{token.login}@example.com",
        "commit_email": f"{token.login}@example.com",
        "external": False,
        "private_profile": False,
        "two_factor_enabled": False,
        "identities": [],
        "can_create_group": False,
        "can_create_project": not token.is_bot,
    }


def member_payload(login: str, level: int, at: datetime, links: Links) -> dict[str, Any]:
    """Return a member: https://docs.gitlab.com/api/project_members/."""
    return {
        **user_payload(login, links),
        "access_level": level,
        "created_at": timestamp(at),
        "expires_at": None,
        "membership_state": "active",
    }


def token_payload(token: Token, at: datetime) -> dict[str, Any]:
    """Return a token: https://docs.gitlab.com/api/personal_access_tokens/."""
    return {
        "id": token.id,
        "name": f"token of {token.login}",
        "revoked": False,
        "created_at": timestamp(at),
        "description": "",
        "scopes": sorted(token.scopes),
        "user_id": number_of(token.login),
        "last_used_at": timestamp(at),
        "active": True,
        "expires_at": None,
    }
