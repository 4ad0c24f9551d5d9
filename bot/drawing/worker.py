"""The process that draws charts, run by bot/drawing/pictures.py: descriptions in on stdin, PNG out on stdout, one at a time.

It imports what draws and nothing of the bot. It ends when stdin does, so it never outlives the bot; a drawing that
hangs ends it too, from a thread that needs no interpreter, should nobody be left to kill it.
"""

from __future__ import annotations

import faulthandler
import os
import re
import signal
import struct
import sys
from contextlib import suppress

FRAME = struct.Struct(">BI")  # whether it was drawn, and how many bytes of PNG or of the reason follow
DRAWN, NOT_DRAWN = 1, 0
OUTSIDE = re.compile(r'"(?!\$schema")[^"]*":\s*"\w+://')  # a value that is an address; data: has no slashes
WARM_UP = '{"data": {"values": [{"a": 1}]}, "mark": "bar", "encoding": {"x": {"field": "a", "type": "quantitative"}}}'


def serve(fonts: str, longest: float, version: str, scale: float) -> None:
    requests, replies = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not get between the replies
    for name in (signal.SIGINT, signal.SIGTERM):  # systemd, for one, tells every process
        signal.signal(name, signal.SIG_IGN)
    if hasattr(os, "nice"):
        os.nice(5)  # the bot's answers come first

    import vl_convert

    vl_convert.register_font_directory(fonts)

    def reply(description: str) -> None:
        faulthandler.dump_traceback_later(longest, exit=True)
        try:
            if OUTSIDE.search(description):  # the library refuses to fetch data, yet would fetch an image
                raise ValueError("a description names an address outside itself")
            body, code = vl_convert.vegalite_to_png(description, version, scale, allowed_base_urls=[]), DRAWN
        except Exception as error:
            body, code = str(error).encode(), NOT_DRAWN
        faulthandler.cancel_dump_traceback_later()
        replies.write(FRAME.pack(code, len(body)))
        replies.write(body)
        replies.flush()

    reply(WARM_UP)
    while len(head := requests.read(FRAME.size)) == FRAME.size:
        reply(requests.read(FRAME.unpack(head)[1]).decode())


if __name__ == "__main__":
    with suppress(BrokenPipeError):
        serve(sys.argv[1], float(sys.argv[2]), sys.argv[3], float(sys.argv[4]))
