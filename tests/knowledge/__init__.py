"""What is known and how it is computed, against the real store."""
