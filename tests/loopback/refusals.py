"""What Discord refuses, as HTTP status, code and sentence; the checks a bot meets in a message, a modal or a list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from tests.loopback.payloads import Json

V2, EPHEMERAL, LOADING = 1 << 15, 1 << 6, 1 << 7  # flags of a message
ROW, BUTTON, SELECTS, TEXT, GALLERY, FILE, LABEL = 1, 2, {3, 5, 6, 7, 8}, 10, 12, 13, 18
MIB = 1024 * 1024


class Refused(Exception):
    """An answer that is not 2xx."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status, self.body = status, {"code": code, "message": message}


def parts(components: list[Json]) -> Iterator[Json]:
    """Every component, those in containers, rows, sections and labels too."""
    for part in components:
        yield part
        yield from parts(part.get("components", []))
        yield from parts([part[key] for key in ("accessory", "component") if key in part])


def check_message(sent: Json, files: Mapping[str, bytes]) -> None:
    """Raise what Discord would answer to a message it does not take."""
    components, content = sent.get("components") or [], sent.get("content")
    found = list(parts(components))
    if sent.get("flags", 0) & V2:
        _ensure(not content and not sent.get("embeds"), "content and embeds cannot be sent with components V2")
    _ensure(content or components or files or sent.get("embeds"), "Cannot send an empty message", 50006)
    _ensure(len(content or "") <= 2000, "content: Must be 2000 or fewer in length.")
    _ensure(len(found) <= 40, "components: more than 40")
    _ensure(sum(len(part.get("content", "")) for part in found) <= 4000, "components: more than 4000 characters")
    names = {described["filename"] for described in sent.get("attachments", []) if "filename" in described}
    for part in found:
        _check_part(part, names)
    _check_ids(found)
    for described in sent.get("attachments", []):
        _ensure(len(described.get("description") or "") <= 1024, "attachments: description over 1024")
    if any(len(content) > 10 * MIB for content in files.values()):
        raise Refused(413, 40005, "Request entity too large")


def _check_part(part: Json, names: set[str]) -> None:
    inside = part.get("components", [])
    kind = part["type"]
    if kind == TEXT:
        _ensure(part["content"].strip(), "content: This field is required")
    elif kind == BUTTON:
        _ensure(len(part.get("label") or "") <= 80, "label: Must be 80 or fewer in length.")
        _ensure(part.get("label") or part.get("emoji"), "label or emoji: This field is required")
    elif kind in SELECTS:
        _ensure(len(part.get("options", [])) <= 25, "options: more than 25")
    elif kind == ROW:
        most = 5 if all(one["type"] == BUTTON for one in inside) else 1
        _ensure(1 <= len(inside) <= most, "components: a row takes five buttons or one select")
    elif kind == GALLERY:
        _ensure(1 <= len(part["items"]) <= 10, "items: Must be between 1 and 10 in length.")
        for item in part["items"]:
            _check_file(item["media"], names)
            _ensure(len(item.get("description") or "") <= 1024, "description: over 1024")
    elif kind == FILE:
        _check_file(part["file"], names)


def _check_file(media: Json, names: set[str]) -> None:
    scheme, _, name = media["url"].partition("://")
    _ensure(scheme != "attachment" or name in names, f"url: no attachment is named {name}")


def _check_ids(found: list[Json]) -> None:
    ids = Counter(part["custom_id"] for part in found if part.get("custom_id") is not None)
    for key, count in ids.items():
        _ensure(1 <= len(key) <= 100, "custom_id: Must be between 1 and 100 in length.")
        _ensure(count == 1, f"custom_id: {key} is not unique")


def check_modal(sent: Json) -> None:
    components = sent.get("components") or []
    _ensure(1 <= len(sent.get("title", "")) <= 45, "title: Must be between 1 and 45 in length.")
    _ensure(1 <= len(components) <= 5, "components: Must be between 1 and 5 in length.")
    _ensure(1 <= len(sent.get("custom_id", "")) <= 100, "custom_id: Must be between 1 and 100 in length.")
    found = list(parts(components))
    for part in found:
        _ensure(part["type"] != LABEL or len(part["label"]) <= 45, "label: Must be 45 or fewer in length.")
        _ensure(len(part.get("value") or "") <= 4000, "value: Must be 4000 or fewer in length.")
    _check_ids(found)


def check_choices(sent: Json) -> None:
    choices = sent.get("choices") or []
    _ensure(len(choices) <= 25, "choices: Must be 25 or fewer in length.")
    for choice in choices:
        _ensure(1 <= len(choice["name"]) <= 100, "name: Must be between 1 and 100 in length.")
        _ensure(1 <= len(str(choice["value"])) <= 100, "value: Must be between 1 and 100 in length.")


def check_commands(sent: list[Json]) -> None:
    _ensure(len(sent) <= 130, "more than 100 slash commands, 15 for people and 15 for messages")
    for command in sent:
        _ensure(1 <= len(command["name"]) <= 32, "name: Must be between 1 and 32 in length.")
        _ensure(len(command.get("description", "")) <= 100, "description: Must be 100 or fewer in length.")
        _ensure(len(command.get("options", [])) <= 25, "options: Must be 25 or fewer in length.")


def _ensure(held: Any, message: str, code: int = 50035) -> None:
    if not held:
        raise Refused(400, code, f"Invalid Form Body: {message}" if code == 50035 else message)
