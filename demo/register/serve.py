"""`python -m demo.register.serve HOME ADDRESS [--port N]`: the payment register on 127.0.0.1.

Roundup's own WSGI application on the standard library's server, a thread for each request. The password of the
user `clerkwork` is the first line of standard input, so that it stands in no file and no process list; the end of
standard input ends the server, so that a killed demo leaves nothing behind.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import sys
import threading
import warnings
from pathlib import Path
from socketserver import TCPServer, ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True

    def server_bind(self) -> None:
        """As the standard library's, without asking the name service for this host's name."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = "127.0.0.1", int(self.server_address[1])
        self.setup_environ()


class Handler(WSGIRequestHandler):
    def address_string(self) -> str:
        return "127.0.0.1"


def end_with_the_starter() -> None:
    while os.read(0, 1024):
        pass
    os._exit(0)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("home", type=Path)
    parser.add_argument("address", type=Path)
    parser.add_argument("--port", type=int, default=0)
    options = parser.parse_args()
    password = sys.stdin.readline().rstrip("\n")
    threading.Thread(target=end_with_the_starter, daemon=True).start()
    warnings.simplefilter("ignore")  # Roundup's own, about things it does itself
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    from demo.register.home import prepare

    server = Server(("127.0.0.1", options.port), Handler)
    prepare(options.home, f"http://127.0.0.1:{server.server_port}/", password)
    from roundup.cgi.wsgi_handler import RequestDispatcher

    server.set_app(RequestDispatcher(str(options.home)))
    partial = options.address.with_suffix(".partial")
    partial.write_text(json.dumps({"pid": os.getpid(), "port": server.server_port}))
    partial.replace(options.address)
    server.serve_forever()


if __name__ == "__main__":
    main()
