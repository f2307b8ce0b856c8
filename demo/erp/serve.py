"""`python -m demo.erp.serve CONFIG ADDRESS [--port N]`: the Tryton server on 127.0.0.1, for the demo and the tests.

Tryton's own application, with two differences to the `trytond` command. Requests are served one at a time,
because SQLite knows no row locks and two bills posted at the same moment could draw the same number. And the
server ends with the process that started it (end of its standard input), so that a killed demo leaves nothing behind.
`--parallel` serves many at a time, as `trytond` does.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import threading
import warnings
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def one_at_a_time(application: Application) -> Application:
    lock = threading.Lock()

    def serve(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        with lock:
            return application(environ, start_response)

    return serve


def end_with_the_starter() -> None:
    while os.read(0, 1024):
        pass
    os._exit(0)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("config", type=Path)
    parser.add_argument("address", type=Path)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--parallel", action="store_true")
    options = parser.parse_args()
    warnings.simplefilter("ignore")  # Tryton's own, about things it does itself
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    from trytond import config

    config.update_etc(str(options.config))
    from trytond.pool import Pool
    from trytond.wsgi import app
    from werkzeug.serving import make_server

    Pool.start()
    Pool("tryton").init()
    application: Any = app if options.parallel else one_at_a_time(app)
    server = make_server("127.0.0.1", options.port, application, threaded=True)
    threading.Thread(target=end_with_the_starter, daemon=True).start()
    partial = options.address.with_suffix(".partial")
    partial.write_text(json.dumps({"pid": os.getpid(), "port": server.port}))
    partial.replace(options.address)
    server.serve_forever()


if __name__ == "__main__":
    main()
