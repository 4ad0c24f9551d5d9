"""`/follow`: what a channel hears of, who may choose it, and the posts."""

from __future__ import annotations

from bot.discord.feature import Feature
from bot.follow import acts, posts
from commands.follow import List, Start, Stop

FOLLOW = Feature(
    does={Start: acts.start, Stop: acts.stop, List: acts.list_},
    offers={Start: acts.anything, Stop: acts.followed_here},
    loops=(posts.announcing,),
)
