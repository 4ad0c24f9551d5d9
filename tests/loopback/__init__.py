"""A loopback Discord: gateway and REST on 127.0.0.1, to which the bot, a process of its own, is pointed."""
