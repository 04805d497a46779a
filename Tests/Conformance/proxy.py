"""What lies between reeve and its endpoint, when that is not to be trusted."""

import contextlib
import http.server
import itertools
import threading
import urllib.error
import urllib.request


class Proxy:
    """Passes requests on as they are, but for those that `fault` picks by their body.

    "hold" neither passes on nor answers, "deafen" passes on and never answers, "drop" closes the connection, "cut" leaves
    out the answer's second half, and a status and a text are the answer. `held` is set once one was held or deafened.
    """

    def __init__(self, upstream, fault):
        self.held = threading.Event()
        self.release = threading.Event()
        proxy = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                wanted = fault(body)
                if wanted in ("hold", "drop"):
                    if wanted == "hold":
                        proxy.held.set()
                        proxy.release.wait()
                    self.close_connection = True
                    return
                if isinstance(wanted, tuple):
                    return self.answer(wanted[0], [("Content-Type", "text/xml")], wanted[1])
                request = urllib.request.Request(f"{upstream}{self.path}", body, dict(self.headers), method="POST")
                try:
                    answer = urllib.request.urlopen(request, timeout=30)
                except urllib.error.HTTPError as error:
                    answer = error
                with answer:
                    text = answer.read()
                if wanted == "deafen":
                    proxy.held.set()
                    proxy.release.wait()
                    self.close_connection = True
                    return
                self.answer(answer.status, answer.headers.items(), text, cut=wanted == "cut")

            def answer(self, status, headers, text, cut=False):
                self.send_response(status)
                for name, value in headers:
                    if name.lower() not in ("content-length", "connection", "date", "server"):
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text[:len(text) // 2] if cut else text)
                self.close_connection = cut

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.endpoint = f"http://127.0.0.1:{self.server.server_port}"

    @contextlib.contextmanager
    def serving(self):
        thread = threading.Thread(target=self.server.serve_forever)
        thread.start()
        try:
            yield self
        finally:
            self.release.set()
            self.server.shutdown()
            thread.join()
            self.server.server_close()


def numbered(choose, *words):
    """A fault chosen by the number of the request among those with one of the words."""
    lock, numbers = threading.Lock(), itertools.count(1)

    def fault(body):
        if words and not any(word in body for word in words):
            return None
        with lock:
            return choose(next(numbers))

    return fault
