"""`/follow`: what a channel hears of, who may choose it, and the posts."""
