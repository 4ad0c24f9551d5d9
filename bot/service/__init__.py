"""Starting, settings, health: what an operator meets."""
