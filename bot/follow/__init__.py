"""`/follow`: what a channel hears of, who may choose it, and the posts."""

from __future__ import annotations

from bot.discord.feature import Feature
from bot.follow import acts, posts
from commands.follow import List, Preview, Start, Stop

FOLLOW = Feature(
    does={Start: acts.start, Stop: acts.stop, List: acts.list_, Preview: acts.preview},
    offers={Start: acts.anything, Stop: acts.followed_here, Preview: acts.anything},
    loops=(posts.announcing,),
)
