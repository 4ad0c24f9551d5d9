"""Where it is asked: the Discord client, drawing, the terminal, the offline channel, settings and health."""
