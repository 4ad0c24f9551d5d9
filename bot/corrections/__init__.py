"""`/data`, `/report` and `/settings`: corrections of figures, from the report to the undo, and who may do what."""

from __future__ import annotations

from bot.corrections import acts, drafts, outbox, reports, settings
from bot.discord.feature import Feature
from commands.adding import AddDefinition, AddMeeting, AddPledge, AddRule
from commands.data import (
    Correct,
    Export,
    History,
    Import,
    NewEdition,
    Pending,
    State,
    Undo,
)
from commands.report import Report
from commands.settings import Answers, Corrections, InChannel, Reset, Show

CORRECTIONS = Feature(
    does={
        Correct: acts.correct,
        Import: drafts.read_table,
        NewEdition: drafts.read_edition,
        **dict.fromkeys((AddPledge, AddMeeting, AddDefinition, AddRule), drafts.add),
        Pending: acts.pending,
        History: acts.history,
        Undo: acts.undo,
        State: acts.state,
        Export: acts.export,
        Report: reports.report,
        Show: settings.show,
        Answers: settings.answers,
        InChannel: settings.in_channel,
        Reset: settings.reset,
        Corrections: settings.change,
    },
    presses={
        "propose": acts.ask_why,
        "proposed": acts.propose,
        "value": acts.value_typed,
        "draft": drafts.ask_why,
        "drafted": drafts.propose,
        "approve": acts.approve,
        "reject": acts.ask_why_not,
        "rejected": acts.reject,
        "more": acts.ask_question,
        "asked": acts.ask_for_more,
        "reply": acts.ask_answer,
        "replied": acts.reply,
        "withdraw": acts.withdraw,
        "renew": acts.renew,
        "impact": acts.impact,
        "slip": reports.report_of_answer,
        "cell": reports.report_picked,
        "reported": reports.reported,
        "mend": reports.ask_value,
        "mended": reports.correct,
        "close": reports.ask_why_close,
        "closed": reports.close,
        "whom": reports.ask_whom,
        "mute": reports.mute,
        "undo": acts.ask_why_undo,
        "undone": acts.undo_pressed,
    },
    loops=(outbox.posting,),
)
