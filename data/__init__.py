"""Where figures and what changes are kept."""

from pathlib import Path

FACTS = Path(__file__).with_name("facts.db")  # the store of figures, unless LEDGER_FACTS names another
KEPT = 14  # backups of local.db, unless LEDGER_BACKUPS says otherwise
