"""The bot on the loopback, as it is: `python -m tests.loopback.bot run`"""

from __future__ import annotations

import sys

from tests.loopback.side_door import open_side_door

if __name__ == "__main__":
    open_side_door()

    from bot.__main__ import main

    sys.exit(main(sys.argv[1:]))
