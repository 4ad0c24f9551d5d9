"""From what was typed to what is meant: questions, what they name, and the one sentence where that is not held."""
