"""Real commands, autocomplete and buttons through an offline Discord."""
