"""`/data` and `/settings`: corrections of figures, from the proposal to the undo, and who may do what."""

from __future__ import annotations

from bot.corrections import acts, drafts, outbox, settings
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
        Show: settings.show,
        Answers: settings.answers,
        InChannel: settings.in_channel,
        Reset: settings.reset,
        Corrections: settings.change,
    },
    presses={
        "propose": acts.ask_why,
        "proposed": acts.propose,
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
        "undo": acts.ask_why_undo,
        "undone": acts.undo_pressed,
    },
    loops=(outbox.posting,),
)
