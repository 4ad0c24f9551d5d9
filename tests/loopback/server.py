"""The loopback itself: one application's gateway and REST, what people do there, and what they see."""

from __future__ import annotations

import asyncio
import socket
import struct
import time
import zlib
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import orjson
from aiohttp import WSMsgType, web

from tests.loopback import payloads
from tests.loopback.faults import HEARTBEAT, IDENTIFY, RESUME, Fault, Faults
from tests.loopback.payloads import Json
from tests.loopback.refusals import (
    EPHEMERAL,
    LOADING,
    MIB,
    Refused,
    check_choices,
    check_commands,
    check_message,
    check_modal,
    parts,
)

DISPATCH, BEAT, IDENTIFYING, RESUMING, RECONNECT, INVALID_SESSION, HELLO, BEAT_ACK = 0, 1, 2, 6, 7, 9, 10, 11
REPLY, DEFER, DEFER_UPDATE, UPDATE, CHOICES, OPEN_MODAL = 4, 5, 6, 7, 8, 9  # types of callbacks
NOT_THERE = Refused(404, 10015, "Unknown Webhook")


@dataclass(slots=True)
class Message:
    """A message that Discord keeps, with its files."""

    payload: Json
    files: dict[str, bytes] = field(default_factory=dict)

    @property
    def text(self) -> str:
        return "\n".join(part["content"] for part in parts(self.payload["components"]) if "content" in part)

    @property
    def ids(self) -> list[str]:
        """The custom ids of its buttons and selects, in order."""
        return [part["custom_id"] for part in parts(self.payload["components"]) if part.get("custom_id")]

    @property
    def private(self) -> bool:
        return bool(self.payload["flags"] & EPHEMERAL)

    @property
    def loading(self) -> bool:
        return bool(self.payload["flags"] & LOADING)


@dataclass(slots=True, eq=False)
class Asked:
    """One interaction: when it was sent, when its callback came and with what, and what its asker sees when."""

    payload: Json
    sent: float
    came: float | None = None  # when a callback came that was taken, or was too late
    ended: float | None = None  # when the asker saw more than "is thinking…", or never would
    late: bool = False
    callback: Json | None = None
    original: Message | None = None
    follow_ups: list[Message] = field(default_factory=list)
    over: asyncio.Future[None] = field(default_factory=asyncio.Future)

    @property
    def seconds(self) -> float:
        return float("inf") if self.ended is None else self.ended - self.sent

    def end(self) -> None:
        if self.ended is None and (self.late or self.original is None or not self.original.loading):
            self.ended = time.monotonic()
            self.over.set_result(None)

    @property
    def seen(self) -> list[Message]:
        """Every message the asker has; one that says "is thinking…" is none."""
        first = [self.original] if self.original is not None and not self.original.loading else []
        return first + self.follow_ups


@dataclass(frozen=True, slots=True)
class Request:
    """One line of what the bot asked Discord for."""

    time: float
    place: str  # method and path
    body: Any
    status: int  # 0 for a connection that was cut


class Gateway(web.WebSocketResponse):
    """One connection of the bot's, compressed as discord.py asks for: a burst comes in few packets, as it does there."""

    def __init__(self) -> None:
        super().__init__(max_msg_size=0, compress=False)
        self._stream = zlib.compressobj(1)
        self.transport: asyncio.Transport | None = None

    async def tell(self, op: int, data: Any, event: str | None = None, sequence: int | None = None) -> None:
        line = orjson.dumps({"op": op, "d": data, "s": sequence, "t": event})
        await self.send_bytes(self._stream.compress(line) + self._stream.flush(zlib.Z_SYNC_FLUSH))


class Loopback:
    """One application on a Discord of its own. Start it with `async with discord.running():`."""

    def __init__(
        self,
        *faults: Fault,
        application: str = payloads.APPLICATION,
        token: str = "loopback",
        heartbeat: float = 41.25,
        patience: float = 3.0,
    ) -> None:
        self.faults = Faults(*faults)
        self.application, self.token, self.heartbeat, self.patience = application, token, heartbeat, patience
        self.me = payloads.person(application, "ledger", bot=True)
        self.guilds = [payloads.GUILD]
        self.channels = {payloads.CHANNEL: payloads.channel()}
        self.roles = {payloads.ROLE: payloads.role()}
        self.commands: list[Json] = []
        self.posts: list[Message] = []
        self.asked: dict[str, Asked] = {}  # by token
        self.messages: dict[str, Message] = {}
        self.requests: list[Request] = []
        self.identified = asyncio.Event()  # and ready: interactions may be sent
        self.sessions: list[str] = []
        self.closed_with: list[int | None] = []  # the codes the bot closed its gateway with
        self.address = ""
        self._gateway: Gateway | None = None
        self._mistakes: list[Exception] = []
        self._sequence = count(1)
        self._numbers = count(1)
        self._keys = count(1_300_000_000_000_000_000)

    @asynccontextmanager
    async def running(self, port: int = 0) -> AsyncIterator[Loopback]:
        app = web.Application(client_max_size=26 * MIB)
        app.router.add_get("/gateway", self._connected)
        app.router.add_get("/gateway/", self._connected)
        app.router.add_route("*", "/api/v10/{path:.*}", self._request)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        self.address = f"http://127.0.0.1:{runner.addresses[0][1]}"
        try:
            yield self
        finally:
            await self.close_gateway(1001)
            await runner.cleanup()
        if self._mistakes:
            raise self._mistakes[0]

    # -- what people do ------------------------------------------------------------------------------

    async def ask(self, event: Json, **changed: Any) -> Asked:
        """Send what a person does (tests/loopback/payloads.py), with other fields of the interaction, or without (None)."""
        assert self._gateway is not None, "no bot is connected"
        payload = payloads.interaction(next(self._numbers), self.application) | event | changed
        payload = {key: value for key, value in payload.items() if value is not None}
        asked = self.asked[payload["token"]] = Asked(payload, time.monotonic())
        await self._dispatch("INTERACTION_CREATE", payload)
        return asked

    async def crowd(self, events: Iterable[Json], in_flight: int | None = None, wait: float = 30.0) -> list[Asked]:
        """Ask all of them at once, or so many at a time; back when each is answered, or `wait` is over."""
        free = asyncio.Semaphore(in_flight or 1_000_000)
        all_asked: list[Asked] = []
        for event in events:
            await free.acquire()
            asked = await self.ask(event)
            asked.over.add_done_callback(lambda _: free.release())
            all_asked.append(asked)
        await asyncio.wait([asked.over for asked in all_asked], timeout=wait)
        return all_asked

    async def seen(self, asked: Asked, wait: float = 10.0) -> list[Message]:
        """What its asker sees, as soon as that is something."""
        await until(lambda: bool(asked.seen), wait)
        return asked.seen

    def forget(self) -> None:
        """Drop what was asked and answered so far, for those who ask very much."""
        for kept in (self.asked, self.messages, self.requests):
            kept.clear()

    def taken(self, where: str) -> list[Request]:
        """The requests at one place; `where` is a method and a path's beginning."""
        return [request for request in self.requests if request.place.startswith(where)]

    # -- the gateway ---------------------------------------------------------------------------------

    async def _connected(self, request: web.Request) -> Gateway:
        gateway = Gateway()
        await gateway.prepare(request)
        gateway.transport = request.transport
        self._gateway = gateway
        await gateway.tell(HELLO, {"heartbeat_interval": int(self.heartbeat * 1000)})
        async for message in gateway:
            if message.type is WSMsgType.TEXT:
                await self._received(gateway, orjson.loads(message.data))
        self.closed_with.append(gateway.close_code)
        if self._gateway is gateway:
            self._gateway = None
            self.identified.clear()
        return gateway

    async def _received(self, gateway: Gateway, sent: Json) -> None:
        names = {BEAT: HEARTBEAT, IDENTIFYING: IDENTIFY, RESUMING: RESUME}
        fault = self.faults.at(names.get(sent["op"], ""))
        if fault is not None:
            await gateway.close(code=fault.close)
            return
        match sent["op"]:
            case op if op == BEAT:
                await asyncio.sleep(0.02)  # the library notes when it sent a beat only after it did
                await gateway.tell(BEAT_ACK, None)
            case op if op == IDENTIFYING and sent["d"]["token"] != self.token:
                await gateway.close(code=4004)
            case op if op == IDENTIFYING:
                self.sessions.append(f"session{len(self.sessions) + 1}")
                await self._dispatch("READY", self._ready())
                self.identified.set()
            case op if op == RESUMING and sent["d"]["session_id"] in self.sessions:
                await self._dispatch("RESUMED", {})
                self.identified.set()
            case op if op == RESUMING:
                await gateway.tell(INVALID_SESSION, False)

    def _ready(self) -> Json:
        return {
            "v": 10,
            "user": self.me,
            "guilds": [{"id": key, "unavailable": True} for key in self.guilds],
            "session_id": self.sessions[-1],
            "resume_gateway_url": self.gateway_address,
            "application": {"id": self.application, "flags": 0},
        }

    @property
    def gateway_address(self) -> str:
        return f"{self.address.replace('http', 'ws', 1)}/gateway"

    async def _dispatch(self, event: str, data: Json) -> None:
        assert self._gateway is not None
        await self._gateway.tell(DISPATCH, data, event, next(self._sequence))

    async def close_gateway(self, code: int) -> None:
        if self._gateway is not None:
            await self._gateway.close(code=code)

    def fall_silent(self) -> None:
        """Nothing that the bot sends is read any more, and nothing comes back: half of the connection is gone."""
        assert self._gateway is not None
        assert self._gateway.transport is not None
        self._gateway.transport.pause_reading()

    async def reconnect(self) -> None:
        """Discord asks the bot to connect again and go on."""
        assert self._gateway is not None
        await self._gateway.tell(RECONNECT, None)

    async def invalidate(self, resumable: bool) -> None:
        assert self._gateway is not None
        await self._gateway.tell(INVALID_SESSION, resumable)

    # -- REST ----------------------------------------------------------------------------------------

    async def _request(self, request: web.Request) -> web.StreamResponse:
        path = request.match_info["path"]
        place = f"{request.method} /{path}"
        sent, files = _read(request.content_type, request.headers.get("Content-Type", ""), await request.read())
        fault = self.faults.at(place)
        if fault is not None and fault.delay:
            await asyncio.sleep(fault.delay)
        status, body, headers = 0, None, {}
        if fault is None or fault.done or not (fault.status or fault.cut):
            try:
                self._check_token(request, path)
                status, body = self._answer(request.method, path.split("/"), sent, files, request.query)
            except Refused as refused:
                status, body = refused.status, refused.body
            except (
                Exception
            ) as error:  # a mistake in the loopback shall fail the test, not look like a fault of Discord
                self._mistakes.append(error)
                raise
        if fault is not None and fault.cut:
            self.requests.append(Request(time.monotonic(), place, sent, 0))
            _cut(request, fault.cut)
            return web.Response()
        if fault is not None and fault.status:
            status, body = fault.status, {"code": fault.code, "message": "a fault"}
            if status == 429 and fault.via:
                headers, body = {"Via": "1.1 google"}, body | {"retry_after": fault.retry_after, "global": False}
        self.requests.append(Request(time.monotonic(), place, sent, status))
        if body is None:
            return web.Response(status=status, headers=headers)
        # json_response would name a charset, and then discord.py reads text
        return web.Response(body=orjson.dumps(body), status=status, headers=headers, content_type="application/json")

    def _check_token(self, request: web.Request, path: str) -> None:
        own_token_in_path = path.startswith(("interactions/", "webhooks/"))
        if not own_token_in_path and request.headers.get("Authorization") != f"Bot {self.token}":
            raise Refused(401, 0, "401: Unauthorized")

    def _answer(self, method: str, path: list[str], sent: Any, files: dict[str, bytes], query: Any) -> tuple[int, Any]:
        match method, *path:
            case "POST", "interactions", key, token, "callback":
                return self._callback(self._asked(token, key), sent, files, query.get("with_response"))
            case method, "webhooks", _, token, "messages", which:
                return self._on_message(method, self._asked(token), which, sent, files)
            case "POST", "webhooks", _, token:
                return 200, self._follow_up(self._asked(token), sent, files).payload
            case "GET", "gateway":
                return 200, {"url": self.gateway_address}
            case "GET", "gateway", "bot":
                limit = {"total": 1000, "remaining": 1000, "reset_after": 0, "max_concurrency": 1}
                return 200, {"url": self.gateway_address, "shards": 1, "session_start_limit": limit}
            case "GET", "users", "@me":
                return 200, self.me
            case ("GET", "oauth2", "applications", "@me") | ("GET", "applications", "@me"):
                return 200, payloads.application(self.application, self.me)
            case "GET", "users", "@me", "guilds":
                after, most = int(query.get("after", 0)), int(query.get("limit", 200))
                kept = [key for key in sorted(self.guilds, key=int) if int(key) > after][:most]
                return 200, [{"id": key, "name": "School", "icon": None, "permissions": "0"} for key in kept]
            case "GET", "applications", self.application, "commands":
                return 200, self.commands
            case "PUT", "applications", self.application, "commands":
                check_commands(sent)
                fixed = {"application_id": self.application, "version": "1", "default_member_permissions": None}
                self.commands = [fixed | {"type": 1, "description": ""} | one | {"id": self._key()} for one in sent]
                return 200, self.commands
            case "GET", "channels", key if key in self.channels:
                return 200, self.channels[key]
            case "POST", "channels", key, "messages" if key in self.channels:
                return 200, self._post(key, sent, files).payload
            case "PATCH", "channels", _, "messages", key if key in self.messages:
                return 200, self._edit(self.messages[key], sent, files).payload
            case "POST", "channels", _, "messages", key, "crosspost" if key in self.messages:
                self.messages[key].payload["flags"] |= 1
                return 200, self.messages[key].payload
            case _, "channels", *_:
                raise Refused(404, 10003, "Unknown Channel")
            case "GET", "guilds", key if key in self.guilds:
                everyone = payloads.role(key, "@everyone") | {"permissions": payloads.ALL_PERMISSIONS, "position": 0}
                return 200, payloads.guild(key) | {"roles": [everyone, *self.roles.values()]}
            case "GET", "guilds", _, "members", key:
                return 200, payloads.member(key)
        raise Refused(404, 0, "404: Not Found")

    def _asked(self, token: str, key: str = "") -> Asked:
        asked = self.asked.get(token)
        if asked is None or key not in ("", asked.payload["id"]):
            raise NOT_THERE
        return asked

    def _callback(self, asked: Asked, sent: Json, files: dict[str, bytes], respond: str | None) -> tuple[int, Any]:
        now = time.monotonic()
        if now - asked.sent > self.patience and asked.callback is None:
            asked.came, asked.late = now, True
            asked.end()
            raise Refused(404, 10062, "Unknown interaction")
        if asked.callback is not None:
            raise Refused(400, 40060, "Interaction has already been acknowledged.")
        data, kind = sent.get("data") or {}, sent["type"]
        match kind:
            case kind if kind == REPLY:
                asked.original = self._message(data, files)
            case kind if kind == DEFER:
                asked.original = self._new(data.get("flags", 0) & EPHEMERAL | LOADING)
            case kind if kind == UPDATE:
                asked.original = self._edit(self.messages[asked.payload["message"]["id"]], data, files)
            case kind if kind == DEFER_UPDATE:
                asked.original = self.messages.get(asked.payload["message"]["id"])
            case kind if kind == CHOICES:
                check_choices(data)
            case kind if kind == OPEN_MODAL:
                check_modal(data)
        asked.came, asked.callback = now, sent
        asked.end()
        if not respond:
            return 204, None
        told: Json = {"id": asked.payload["id"], "type": asked.payload["type"]}
        made: Json = {"type": kind}
        if asked.original is not None:
            told["response_message_id"] = asked.original.payload["id"]
            told["response_message_loading"] = asked.original.loading
            told["response_message_ephemeral"] = asked.original.private
            made["message"] = asked.original.payload
        return 200, {"interaction": told, "resource": made}

    def _on_message(
        self, method: str, asked: Asked, which: str, sent: Any, files: dict[str, bytes]
    ) -> tuple[int, Json | None]:
        if asked.callback is None:
            raise NOT_THERE
        if which == "@original":
            message = asked.original
        else:
            message = next((one for one in asked.follow_ups if one.payload["id"] == which), None)
        if message is None or message.payload["id"] not in self.messages:
            raise Refused(404, 10008, "Unknown Message")
        if method == "PATCH":
            self._edit(message, sent, files)
            asked.end()
        elif method == "DELETE":
            del self.messages[message.payload["id"]]
            asked.original = None if message is asked.original else asked.original
            asked.follow_ups = [one for one in asked.follow_ups if one is not message]
            return 204, None
        return 200, message.payload

    def _follow_up(self, asked: Asked, sent: Json, files: dict[str, bytes]) -> Message:
        """One more message; the first after a defer takes the place of "is thinking…", as on Discord."""
        if asked.callback is None:
            raise NOT_THERE
        if asked.original is not None and asked.original.loading:
            self._edit(asked.original, sent, files)
            asked.end()
            return asked.original
        asked.follow_ups.append(self._message(sent, files))
        return asked.follow_ups[-1]

    def _post(self, channel: str, sent: Json, files: dict[str, bytes]) -> Message:
        nonce = sent.get("nonce")
        for post in self.posts:
            if nonce is not None and sent.get("enforce_nonce") and post.payload.get("nonce") == nonce:
                return post
        self.posts.append(self._message(sent, files, channel))
        self.posts[-1].payload["nonce"] = nonce
        return self.posts[-1]

    # -- messages ------------------------------------------------------------------------------------

    def _key(self) -> str:
        return str(next(self._keys))

    def _new(self, flags: int, channel: str = payloads.CHANNEL) -> Message:
        key = self._key()
        message = self.messages[key] = Message(
            {
                "id": key,
                "channel_id": channel,
                "type": 0,
                "author": self.me,
                "application_id": self.application,
                "webhook_id": self.application,
                "content": "",
                "timestamp": "2026-11-01T12:00:00.000000+00:00",
                "edited_timestamp": None,
                "tts": False,
                "mention_everyone": False,
                "mentions": [],
                "mention_roles": [],
                "attachments": [],
                "embeds": [],
                "pinned": False,
                "flags": flags,
                "components": [],
            }
        )
        return message

    def _message(self, sent: Json, files: dict[str, bytes], channel: str = payloads.CHANNEL) -> Message:
        check_message(sent, files)
        return self._fill(self._new(sent.get("flags", 0), channel), sent, files)

    def _edit(self, message: Message, sent: Json, files: dict[str, bytes]) -> Message:
        check_message(message.payload | sent, files)
        message.payload["flags"] = (message.payload["flags"] | sent.get("flags", 0)) & ~LOADING
        return self._fill(message, sent, files)

    def _fill(self, message: Message, sent: Json, files: dict[str, bytes]) -> Message:
        payload = message.payload
        payload["content"] = sent.get("content") or payload["content"]
        if "attachments" in sent:
            message.files = {one["filename"]: files[f"files[{one['id']}]"] for one in sent["attachments"]}
            payload["attachments"] = [self._attachment(one, message) for one in sent["attachments"]]
        if "components" in sent:
            payload["components"] = sent["components"]
            addresses = {one["filename"]: one["url"] for one in payload["attachments"]}
            for number, part in enumerate(parts(sent["components"]), 1):
                part["id"] = number
                media = [item["media"] for item in part.get("items", [])] + [
                    part[key] for key in ("file",) if key in part
                ]
                for one in media:
                    one["url"] = one["proxy_url"] = addresses.get(one["url"].removeprefix("attachment://"), one["url"])
        return message

    def _attachment(self, described: Json, message: Message) -> Json:
        key, name = self._key(), described["filename"]
        address = f"{self.address}/attachments/{message.payload['channel_id']}/{key}/{name}"
        size = len(message.files[name])
        return described | {"id": key, "size": size, "url": address, "proxy_url": address}


async def until(held: Callable[[], bool], wait: float) -> bool:
    """Wait for something that no event tells of; whether it came to hold."""
    for _ in range(round(wait / 0.01)):
        if held():
            return True
        await asyncio.sleep(0.01)
    return held()


def _read(kind: str, full: str, body: bytes) -> tuple[Any, dict[str, bytes]]:
    """JSON and files of a request. A multipart body is split by hand: aiohttp's reader costs more than a chart."""
    if kind == "application/json":
        return orjson.loads(body), {}
    if kind != "multipart/form-data":
        return None, {}
    boundary = full.partition("boundary=")[2].strip('"').encode()
    found = {}
    for part in body.split(b"--" + boundary)[1:-1]:
        head, _, content = part.partition(b"\r\n\r\n")
        found[head.partition(b'name="')[2].partition(b'"')[0].decode()] = content[:-2]
    return orjson.loads(found.pop("payload_json")), found


def _cut(request: web.Request, how: str) -> None:
    """End the connection: a reset, as when a process died, or a plain close."""
    transport = request.transport
    assert transport is not None
    if how == "reset":
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
