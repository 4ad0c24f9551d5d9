"""What Discord sends: people, channels, and what a person does, as the gateway tells it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]

APPLICATION, GUILD, CHANNEL, ROLE, PERSON = (str(1_100_000_000_000_000_000 + n) for n in range(1, 6))
ALL_PERMISSIONS = str((1 << 53) - 1)
COMMAND, COMPONENT, AUTOCOMPLETE, MODAL = 2, 3, 4, 5  # types of interactions
SUBCOMMAND, GROUP, STRING, INTEGER, BOOLEAN, CHANNEL_OPTION, ROLE_OPTION = 1, 2, 3, 4, 5, 7, 8


def person(key: str = PERSON, name: str = "mia", *, bot: bool = False) -> Json:
    return {
        "id": key,
        "username": name,
        "global_name": name.title(),
        "discriminator": "0",
        "avatar": None,
        "avatar_decoration_data": None,
        "public_flags": 0,
        "bot": bot,
    }


def channel(key: str = CHANNEL, kind: int = 0) -> Json:
    return {
        "id": key,
        "type": kind,
        "name": "questions",
        "guild_id": GUILD,
        "parent_id": None,
        "position": 1,
        "topic": None,
        "nsfw": False,
        "rate_limit_per_user": 0,
        "last_message_id": None,
        "permissions": ALL_PERMISSIONS,
        "flags": 0,
    }


def guild(key: str = GUILD) -> Json:
    """A server as Discord tells it to who asks for it alone."""
    numbers = dict.fromkeys(("verification_level", "default_message_notifications", "explicit_content_filter"), 0)
    numbers |= dict.fromkeys(("mfa_level", "afk_timeout", "system_channel_flags", "premium_tier", "nsfw_level"), 0)
    return {
        **numbers,
        "id": key,
        "name": "A server",
        "owner_id": PERSON,
        "features": [],
        "emojis": [],
        "stickers": [],
        "preferred_locale": "en-US",
        "premium_progress_bar_enabled": False,
    }


def role(key: str = ROLE, name: str = "watchers") -> Json:
    return {
        "id": key,
        "name": name,
        "color": 0,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "position": 1,
        "permissions": "0",
        "managed": False,
        "mentionable": True,
        "flags": 0,
    }


def application(key: str, me: Json) -> Json:
    return {
        "id": key,
        "name": "ledger",
        "description": "",
        "icon": None,
        "bot": me,
        "bot_public": True,
        "bot_require_code_grant": False,
        "owner": person(),
        "team": None,
        "verify_key": "0" * 64,
        "flags": 0,
        "rpc_origins": [],
    }


def interaction(number: int, application_id: str) -> Json:
    """What every interaction in a server carries; its type and data, and what a test wants else, come on top."""
    return {
        "version": 1,
        "id": str(1_200_000_000_000_000_000 + number),
        "token": f"aW50ZXJhY3Rpb246{number:012d}",
        "application_id": application_id,
        "guild_id": GUILD,
        "channel_id": CHANNEL,
        "guild": {"id": GUILD, "locale": "en-US", "features": []},
        "guild_locale": "en-US",
        "locale": "en-GB",
        "context": 0,
        "attachment_size_limit": 10485760,
        "authorizing_integration_owners": {"0": GUILD},
        "entitlements": [],
        "entitlement_sku_ids": [],
        "app_permissions": ALL_PERMISSIONS,
        "channel": channel(),
        "member": member(),
    }


def member(key: str = PERSON, permissions: str = ALL_PERMISSIONS) -> Json:
    """Who does it, as one of the server."""
    return {
        "user": person(key),
        "roles": [ROLE],
        "nick": None,
        "avatar": None,
        "premium_since": None,
        "permissions": permissions,
        "pending": False,
        "mute": False,
        "deaf": False,
        "joined_at": "2024-05-01T12:00:00.000000+00:00",
        "communication_disabled_until": None,
        "flags": 0,
    }


# What a person does. Each is the part of an interaction that is not the same every time.


@dataclass(frozen=True, slots=True)
class Typed:
    """An option that Discord resolves: `Typed(CHANNEL_OPTION, CHANNEL)`."""

    kind: int
    value: str


def slash(name: str, /, **options: Any) -> Json:
    """A slash command, "gap" or "follow start", with its options."""
    return {"type": COMMAND, "data": _command(name, [_option(*pair) for pair in options.items()])}


def typing(name: str, focused: str, typed: str, /, **options: Any) -> Json:
    """A slash command that is being typed, with the cursor in one option."""
    others = [_option(*pair) for pair in options.items()]
    here = {"name": focused, "type": STRING, "value": typed, "focused": True}
    return {"type": AUTOCOMPLETE, "data": _command(name, [*others, here])}


def press(message: Json, custom_id: str) -> Json:
    """A press of a button of a message, or of one with an id that no message of ours has."""
    return {"type": COMPONENT, "message": message, "data": {"component_type": 2, "id": 1, "custom_id": custom_id}}


def select(message: Json, custom_id: str, *values: str) -> Json:
    """A choice in a select of a message."""
    data = {"component_type": 3, "id": 1, "custom_id": custom_id, "values": list(values), "resolved": {}}
    return {"type": COMPONENT, "message": message, "data": data}


def submit(custom_id: str, /, **texts: str) -> Json:
    """A modal sent off; its fields by their ids."""
    fields = [{"type": 4, "id": n, "custom_id": key, "value": text} for n, (key, text) in enumerate(texts.items(), 10)]
    labels = [{"type": 18, "id": n, "component": field} for n, field in enumerate(fields, 30)]
    return {"type": MODAL, "data": {"custom_id": custom_id, "components": labels}}


def _command(name: str, options: list[Json]) -> Json:
    top, *subcommands = name.split()
    for kind, part in zip((SUBCOMMAND, GROUP), reversed(subcommands), strict=False):
        options = [{"name": part, "type": kind, "options": options}]
    resolved = {
        "channels": {CHANNEL: channel()},
        "roles": {ROLE: role()},
    }
    return {"id": "1100000000000000006", "name": top, "type": 1, "options": options, "resolved": resolved}


def _option(name: str, value: Any) -> Json:
    match value:
        case Typed():
            return {"name": name, "type": value.kind, "value": value.value}
        case bool():
            return {"name": name, "type": BOOLEAN, "value": value}
        case int():
            return {"name": name, "type": INTEGER, "value": value}
    return {"name": name, "type": STRING, "value": value}
