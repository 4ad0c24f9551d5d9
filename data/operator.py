"""`python -m data correct | history | undo | export | verify | status`: the operator's own way to the log of corrections.

It is the way out in an emergency: whoever has the machine corrects with nobody else's consent, and the log says so.
"""

from __future__ import annotations

import argparse
import codecs
import os
import sqlite3
import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from pydantic import BaseModel

from data import FACTS
from data.english import in_english, lines_of
from data.exports import log_as_csv, shown
from data.local import LocalStore, why_beside
from data.log import FIRST, Broken, Head, Log, Moved, Revision, digest_of_all
from data.log_documents import (
    ChainDocument,
    FoundDocument,
    HistoryDocument,
    StatusDocument,
    VerifyDocument,
    revision_document,
)
from data.proposals import OPERATOR, Proposals
from data.standing import over
from data.store import StoreError, load
from data.upgrade import LAST
from knowledge.asking.problem import Problem
from knowledge.corrections import (
    EVERYWHERE,
    LEAST_REASON,
    MOST_REASON,
    Change,
    Fold,
    Key,
    Stated,
    Trial,
    as_text,
    backwards,
    cell_asked,
    change_in_words,
    fold,
    in_place,
    is_address,
    oddities,
    read_value,
    upgrade_in_words,
    value_in,
    value_in_words,
)
from knowledge.facts import Facts
from knowledge.impact import Changed, compared

DONE, REFUSED, WRONG, UNANSWERED = 0, 1, 2, 3
FOLDER = "var"  # where LEDGER_FOLDER is not set
LISTED = 10  # figures of a revision
FIRST_OF = 5  # answers that change
ALL = "all"  # the scopes together
LEAST_DIGEST = 8  # of the digits of a digest


class Refusal(Exception):
    """Why nothing is done, and what to do: a sentence or two; `code` is the command's exit code."""

    def __init__(self, sentence: str, code: int = REFUSED) -> None:
        super().__init__(sentence)
        self.code = code


def published_store() -> Path:
    return Path(os.environ.get("LEDGER_FACTS", "").strip() or FACTS)


class Desk:
    """What a command works at: one scope of the log, and the facts beneath and under it."""

    def __init__(self, local: LocalStore, scope: str) -> None:
        self.local, self.scope = local, scope
        self.proposals = Proposals(local)
        self.log = self.proposals.log
        for one in (EVERYWHERE, scope):
            self.log.verify(one)

    @cached_property
    def published(self) -> Facts:
        return load(published_store())

    @cached_property
    def everywhere(self) -> Fold:
        return fold(self.log.of(EVERYWHERE)) if self.scope != EVERYWHERE else Fold()

    @cached_property
    def below(self) -> Facts:
        """What a reader would see without the scope's own revisions."""
        return over(self.published, self.everywhere, f"{self.published.version}+")

    @cached_property
    def own(self) -> Fold:
        return fold(self.log.of(self.scope))

    @cached_property
    def here(self) -> Facts:
        """What a reader of the scope sees."""
        return over(self.below, self.own, f"{self.below.version}+")

    def after(self, changes: tuple[Change, ...]) -> Facts:
        """The same, had these changes been made."""
        tried = fold([Trial(self.scope, changes, datetime.now(UTC).isoformat())], self.own)
        return over(self.below, tried, f"{self.below.version}?")

    def base(self, keys: Iterable[Key]) -> dict[Key, Stated | None]:
        return {key: self.everywhere.get(key) if len(key) == 2 else value_in(self.below, key) for key in keys}

    @property
    def whose(self) -> str:
        return "every server" if self.scope == EVERYWHERE else f"server {self.scope}"

    def meets(self) -> None:
        """Refusal if the corrections have met other published figures than these: what is seen now is another thing."""
        met = self.local.get(LAST)
        if met is not None and met != self.published.version:
            raise Refusal(
                f"The corrections in this folder lie over the figures {met}, and this store is {self.published.version}. "
                "Start the bot once on this store, or set LEDGER_FACTS to the bot's."
            )

    def tell(self, change: Change, kind: str = "") -> str:
        """A change in words, as "Share of GDP, Slovenia: 1.61% → 2.01%"; of what is held no longer, as the log names it."""
        if kind == "upgrade":
            return in_english(upgrade_in_words(self.here, change))
        if in_place(self.here, change):
            return in_english(change_in_words(self.here, change))
        return f"{as_text(change.key)}: {shown(change.seen)} → {shown(change.new)}"


def run(given: argparse.Namespace) -> int:
    """Do what a command line asks; its exit code. Every fault is one sentence on stderr."""

    def work() -> int:
        with closing(LocalStore.beside(given.folder / "local.db")) as local:
            return COMMANDS[given.command](local, given)

    return or_told(given.folder / "local.db", work)


def or_told(path: Path, work: Callable[[], int]) -> int:
    """The exit code of what is done at a local.db, or of the fault that ended it, which is told in a sentence."""
    try:
        code = work()
        sys.stdout.flush()
        return code
    except Refusal as error:
        return _say(str(error), error.code)
    except (StoreError, Broken) as error:
        return _say(f"{error}{_BROKEN if isinstance(error, Broken) else ''}", REFUSED)
    except Moved:
        return _say("The figure was changed by somebody else meanwhile, so nothing was stored. Try again.", REFUSED)
    except sqlite3.Error as error:
        return _say(why_beside(path, error), REFUSED)
    except KeyboardInterrupt:
        return _say("Broken off: nothing was stored.", REFUSED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is left would fail again at the end
        return DONE
    except OSError as error:
        return _say(f"{error.filename or 'The output'} could not be written: {error.strerror}.", REFUSED)


_BROKEN = " Somebody wrote past the bot, or the disk failed. Stop the bot and restore a backup: docs/running.md."


def _say(sentence: str, code: int) -> int:
    print(sentence, file=sys.stderr)
    return code


# -- changing ----------------------------------------------------------------------------------------


def correct(local: LocalStore, given: argparse.Namespace) -> int:
    reason, address = reason_of(given.why), address_of(given.source)
    desk = _desk(local, given)
    desk.meets()
    try:
        cell = cell_asked(desk.here, given.member, given.year, given.measure, given.edition)
        value = read_value(desk.here, cell, given.value)
    except Problem as problem:
        raise Refusal(in_english(problem.sentence), WRONG) from None
    base = desk.base((cell,))
    change = Change(cell, None, value, desk.proposals.seen(desk.scope, base)[cell])
    if value == change.seen:
        print(f"It is {in_english(value_in_words(desk.here, cell, value))} already, so there is nothing to correct.")
        return DONE
    odd = [in_english(one) for one in oddities(desk.here, cell, value)]
    return store(desk, given, "correct", (change,), base, odd, reason=reason, address=address)


def undo(local: LocalStore, given: argparse.Namespace) -> int:
    reason, desk = reason_of(given.why), _desk(local, given)
    desk.meets()
    n = given.revision
    if not 1 <= n <= desk.log.head(desk.scope).n:
        raise Refusal(f"There is no revision {n} for {desk.whose}. The command history lists them.")
    untouched, later = desk.proposals.apart(desk.scope, n)
    base = desk.base(change.key for change in untouched)
    now = desk.proposals.seen(desk.scope, base)
    for change in untouched:
        if change.old is not None and now[change.key] is None:
            raise Refusal(f"The figures have no row any more for {as_text(change.key)}, so it cannot be taken back.")
    if later:
        print(f"Of revision {n} this was changed again since:")
        for change, by in later:
            print(f"  {desk.tell(change)}, by revision {by}")
        if not untouched:
            raise Refusal("Nothing else is in it, so nothing was stored. Take the later revisions back first.")
        if not given.part:
            raise Refusal(
                f"Nothing was stored. Take the later revisions back first, or say --part for the other {len(untouched)}."
            )
    return store(desk, given, "undo", backwards(untouched, now), base, [], reason=reason, undoes=n)


def store(
    desk: Desk, given: argparse.Namespace, kind: str, changes: tuple[Change, ...], base: dict[Key, Stated | None],
    odd: Sequence[str], *, reason: str, address: str = "", undoes: int | None = None,
) -> int:  # fmt: skip
    """Show what would change, ask, and write it into the log; the exit code."""
    after = desk.after(changes)
    print(f"For {desk.whose}:")
    listed = [one for one in changes if one.key[0] not in ("series", "source")]
    _list([desk.tell(change) for change in listed[:LISTED]], len(listed))
    for line in (*odd, *_broken_identities(desk, after, changes)):
        print(f"Please check: {line}")
    if desk.scope != EVERYWHERE and int(desk.scope) not in desk.local.servers():
        print("Please check: nothing is kept of this server so far. Is its id right?")
    _tell_impact(list(compared(desk.here, after, changes, lines_of)))
    if (answered := _answered(given.yes)) is not None:
        return answered
    made = desk.proposals.write(
        desk.scope, kind, changes, base, address=address, reason=reason, facts=desk.here.version, undoes=undoes
    )
    print(f"Stored as revision {made.n}, approved by nobody else. The next answer of a running bot has it.")
    print(f"Head of the log: {made.digest}")
    return DONE


def _answered(yes: bool) -> int | None:
    """None if it shall be stored, else the exit code."""
    if yes:
        return None
    if not (sys.stdin is not None and sys.stdin.isatty() and sys.stdout.isatty()):
        return _say("Nothing is stored yet. Say --yes to store it.", UNANSWERED)
    try:
        answer = input("Store it? Write yes or no: ")
    except EOFError:
        answer = ""
    if answer.strip().casefold() in ("yes", "y"):
        return None
    return _say("Nothing was stored.", REFUSED)


def _broken_identities(desk: Desk, after: Facts, changes: Iterable[Change]) -> list[str]:
    """What NATO's own tables would no longer come to; of a share oddities() says it."""
    from data.checks import newly_broken  # the models it stands on take long to make

    editions = dict.fromkeys(one.key[0] for one in changes if len(one.key) == 4 and one.key[0] in desk.here.editions)
    found = newly_broken(desk.here, after, tuple(one for one in editions if one in after.editions))
    return [f"an identity of NATO's tables would no longer hold: {one[4]}." for one in found if one[0] != "share"]


def _tell_impact(found: Sequence[Changed | None]) -> None:
    changed = [one for one in found if one is not None]
    print(f"{len(changed)} of {len(found)} answers that were tried change.")
    for one in changed[:FIRST_OF]:
        print(f"  {one.question}: {one.after}")
    if len(changed) > FIRST_OF:
        print(f"  and {len(changed) - FIRST_OF} more")


def _list(lines: Sequence[str], of: int) -> None:
    for line in lines:
        print(f"  {line}")
    if of > len(lines):
        print(f"  and {of - len(lines):,} more")


def reason_of(typed: str) -> str:
    reason = " ".join("".join(sign for sign in typed if sign.isprintable() or sign.isspace()).split())
    if not LEAST_REASON <= len(reason) <= MOST_REASON:
        raise Refusal(f"--why takes {LEAST_REASON} to {MOST_REASON} characters; these are {len(reason)}.", WRONG)
    return reason


def address_of(typed: str) -> str:
    address = typed.strip()
    if not is_address(address):
        raise Refusal(f"“{address}” is no web address. Begin it with https://.", WRONG)
    return address


# -- looking -----------------------------------------------------------------------------------------


def history(local: LocalStore, given: argparse.Namespace) -> int:
    desk = _desk(local, given)
    revisions, reasons = desk.log.of(desk.scope), desk.proposals.reasons(desk.scope)
    undone = {one.undoes: one.n for one in revisions if one.undoes is not None}
    if given.json:
        told = tuple(revision_document(one, reasons.get(one.n, ""), undone.get(one.n)) for one in reversed(revisions))
        return _print(HistoryDocument(scope=desk.scope, revisions=told))
    if not revisions:
        print(f"Nothing was corrected for {desk.whose} yet.")
    for one in reversed(revisions):
        print(f"{one.n}, {one.at}, {one.kind}, {_by_whom(one)}")
        listed = [change for change in one.changes if change.key[0] not in ("series", "source")]
        _list([desk.tell(change, one.kind) for change in listed[:LISTED]], len(listed))
        told_also = {
            "Why": reasons.get(one.n, ""),
            "Source": one.address,
            "Takes back revision": one.undoes,
            "Taken back by revision": undone.get(one.n),
        }
        for label, text in told_also.items():
            if text:
                print(f"  {label}: {text}")
    return DONE


def _by_whom(one: Revision) -> str:
    """People are tokens: whom one stands for is nobody's business but the bot's."""
    by = one.by if one.by == OPERATOR else f"by {one.by[:8]}"
    if one.approved is None:
        return by
    return f"{by}, approved by {'nobody else' if one.approved == one.by else one.approved[:8]}"


def status(local: LocalStore, given: argparse.Namespace) -> int:
    desk = _desk(local, given)
    head, (waiting, oldest) = desk.log.head(desk.scope), desk.proposals.waiting(desk.scope)
    told = StatusDocument(
        scope=desk.scope,
        facts=desk.published.version,
        corrected=len(desk.own.cells),
        revisions=head.n,
        waiting=waiting,
        oldest=oldest,
        head=head.digest,
        head_of_all=digest_of_all(desk.log.ends()),
        servers=len([one for one in desk.log.scopes() if one != EVERYWHERE]),
    )
    if given.json:
        return _print(told)
    print(f"Figures corrected for {desk.whose}: {told.corrected}")
    print(f"Revisions: {told.revisions}")
    print(f"Waiting for a decision: {waiting}" + (f", the oldest since {oldest}" if oldest else ""))
    print(f"Head of the log: {told.head}")
    print(f"Head of all logs: {told.head_of_all}")
    print(f"Servers with a log of their own: {told.servers}")
    print(f"Store of figures: {told.facts}")
    return DONE


def export(local: LocalStore, given: argparse.Namespace) -> int:
    """The same file as that of /data export."""
    desk = _desk(local, given)
    content = log_as_csv(desk.log.of(desk.scope))
    if given.file is None:
        sys.stdout.flush()
        sys.stdout.buffer.write(content)
        return DONE
    file: Path = given.file
    assert local.path is not None
    if file.resolve().parent == local.path.resolve().parent and file.name.startswith(local.path.stem + "."):
        raise Refusal(f"{file} is the bot's own. Choose another name.", WRONG)
    part = file.with_name(f"{file.name}.part")
    try:
        part.write_bytes(content)
        part.replace(file)
    except OSError:
        part.unlink(missing_ok=True)
        raise
    return DONE


def verify(local: LocalStore, given: argparse.Namespace) -> int:
    """Walk every chain; with a digest, whether one has it: a log whose tail was cut does not."""
    log, chains = Proposals(local).log, list[ChainDocument]()
    for scope, end in log.ends().items():
        broken = None
        try:
            log.verify(scope)
        except Broken as error:
            broken = error.n
        chains.append(ChainDocument(scope=scope, revisions=end.n, head=end.digest, broken=broken))
    found = None
    if given.head is not None:
        places = [*log.with_digest(given.head), *_all_at(log, given.head)]
        found = tuple(FoundDocument(scope=scope, number=n) for scope, n in places)
        if FIRST.startswith(given.head):  # the head of a log without a revision, which every log goes on from
            found = (FoundDocument(scope=EVERYWHERE, number=0),)
    told = VerifyDocument(whole=all(one.broken is None for one in chains), chains=tuple(chains), found=found)
    code = DONE if told.whole and found != () else REFUSED
    if given.json:
        _print(told)
        return code
    for one in chains:
        what = "whole" if one.broken is None else f"broken: revision {one.broken} is not as it was written"
        print(f"{one.scope}: {what}. Revisions: {one.revisions}. Head: {one.head}")
    if not chains:
        print("No log has a revision yet.")
    for place in found or ():
        what = (
            f"all logs after {place.number} revisions"
            if place.scope == ALL
            else f"revision {place.number} of {place.scope}"
        )
        print(f"The digest {given.head} is that of {what}.")
    if found == ():
        _say(
            f"No log has the digest {given.head}: one was cut, or it is of another folder, or of all logs before a "
            "server left.",
            code,
        )
    if not told.whole:
        _say(_BROKEN.strip(), code)
    return code


def _all_at(log: Log, begins: str) -> list[tuple[str, int]]:
    """After how many revisions the logs of all scopes together had this digest, which the name of a backup holds."""
    heads, found = dict[str, Head](), list[tuple[str, int]]()
    for count, one in enumerate(log.since(0), 1):
        heads[one.scope] = Head(one.n, one.digest)
        if digest_of_all(heads).startswith(begins):
            found.append((ALL, count))
    return found


def _desk(local: LocalStore, given: argparse.Namespace) -> Desk:
    return Desk(local, EVERYWHERE if given.server is None else given.server)


def _print(document: BaseModel) -> int:
    utf8 = codecs.lookup(getattr(sys.stdout, "encoding", None) or "utf-8").name == "utf-8"
    print(document.model_dump_json(indent=2, ensure_ascii=not utf8))
    return DONE


# -- the command line --------------------------------------------------------------------------------

COMMANDS = {
    "correct": correct, "history": history, "undo": undo, "export": export, "verify": verify, "status": status,
}  # fmt: skip
CODES = "Exit code: 0 done or nothing to do, 1 refused, 2 wrong use, 3 --yes is missing."


def add_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The commands of the log, beside those of the store."""
    scoped = placed()
    as_json = argparse.ArgumentParser(add_help=False)
    as_json.add_argument("--json", action="store_true", help="print the document that docs/running.md describes")
    storing = argparse.ArgumentParser(add_help=False)
    storing.add_argument("--why", required=True, type=_text, metavar="TEXT", help="the reason, which the log keeps")
    storing.add_argument("--yes", action="store_true", help="store it without being asked")
    what = f"It goes into the log with nobody else's consent; what would change is shown and asked first. {CODES}"

    one = commands.add_parser("correct", parents=[scoped, storing], help="correct a figure", description=what)
    one.add_argument("member", type=_text, metavar="MEMBER", help="an Ally or a total, as in /gap")
    one.add_argument("year", type=_text, metavar="YEAR")
    one.add_argument("value", type=_text, metavar="VALUE", help="as NATO's table prints it: 2.01, 2.01e or blank")
    one.add_argument("--measure", type=_text, metavar="NAME", help="left out, it is the share of GDP")
    one.add_argument("--edition", type=_text, metavar="ID", help="left out, it is the newest")
    one.add_argument("--source", required=True, type=_text, metavar="ADDRESS", help="where the value stands")

    one = commands.add_parser("undo", parents=[scoped, storing], help="take a revision back", description=what)
    one.add_argument("revision", type=int, metavar="N", help="its number, as in history")
    one.add_argument("--part", action="store_true", help="only what was not changed again since")

    commands.add_parser("history", parents=[scoped, as_json], help="what was corrected, newest first")
    commands.add_parser("status", parents=[scoped, as_json], help="how the log of corrections stands")
    one = commands.add_parser("export", parents=[scoped], help="the log as a CSV file")
    one.add_argument("file", nargs="?", type=Path, metavar="FILE", help="left out, it is printed")
    one = commands.add_parser("verify", parents=[_in_a_folder(), as_json], help="walk the chain of every log")
    one.add_argument("--head", type=_digest, metavar="DIGEST", help="look whether this one, or its beginning, is there")


def _in_a_folder() -> argparse.ArgumentParser:
    found = argparse.ArgumentParser(add_help=False)
    folder = Path(os.environ.get("LEDGER_FOLDER", "").strip() or FOLDER)
    found.add_argument("--folder", type=Path, default=folder, help="the bot's folder; left out, LEDGER_FOLDER or var")
    return found


def placed() -> argparse.ArgumentParser:
    """Where a command works: a folder, and in it one server's log or that of every server."""
    found = argparse.ArgumentParser(add_help=False, parents=[_in_a_folder()])
    found.add_argument("--server", type=_id, metavar="ID", help="of one server; left out, of every server")
    return found


def _id(typed: str) -> str:
    if not (typed.isascii() and typed.isdecimal() and len(typed) <= 20):
        raise argparse.ArgumentTypeError(f"“{typed}” is no id of a server")
    return str(int(typed))


def _digest(typed: str) -> str:
    digits = typed.strip().casefold()
    if not LEAST_DIGEST <= len(digits) <= len(FIRST) or set(digits) - set("0123456789abcdef"):
        raise argparse.ArgumentTypeError(f"a digest has {LEAST_DIGEST} to {len(FIRST)} hexadecimal digits")
    return digits


def _text(typed: str) -> str:
    try:
        typed.encode()
    except UnicodeEncodeError:
        raise argparse.ArgumentTypeError("this is no text in the terminal's encoding") from None
    return typed
