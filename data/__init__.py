"""Where it is kept: seed tables, the SQLite stores built from them, and the checks of both."""
