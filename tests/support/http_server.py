"""A web server for the tests of downloads: http_server.py FOLDER PORT_FILE

Serves files of FOLDER under /good; under /wrong with other contents; under /cut with half of the contents and then a
closed connection; under /slow with half of the contents and then nothing; everything else is 404. Writes its port into
PORT_FILE and ends when its standard input does.
"""
import http.server
import os
import sys
import threading
import time

folder, port_file = sys.argv[1:]


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        kind, _, name = self.path.lstrip("/").partition("/")
        path = os.path.join(folder, name)
        if kind not in ("good", "wrong", "cut", "slow") or not os.path.isfile(path):
            self.send_error(404)
            return
        with open(path, "rb") as file:
            contents = file.read()
        self.send_response(200)
        self.send_header("Content-Length", str(len(contents)))
        self.end_headers()
        half = contents[: len(contents) // 2]
        self.wfile.write({"good": contents, "wrong": contents[::-1]}.get(kind, half))
        if kind == "slow":
            time.sleep(60)

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
with open(port_file + ".new", "w") as file:
    file.write(str(server.server_address[1]))
os.rename(port_file + ".new", port_file)
sys.stdin.read()
