#!/usr/bin/env python3
"""A management program at work with Lanterna, with nothing but Python 3.11's standard library.

    export LANTERNA_URL=https://pagamenti.example.it
    export LANTERNA_CLIENT_ID=... LANTERNA_CLIENT_SECRET=...

    program.py put KEY SERVICE CENTS        make a debt under your own key, or change it
    program.py release SERVICE CENTS        release a notice at the counter: number, QR text, address of the PDF
    program.py load FILE                    load a file of debts, and print what became of each row
    program.py outcomes                     take the outcomes there are, and acknowledge them
    program.py receive ADDRESS PORT         have outcomes sent to ADDRESS, served here on PORT, and print what comes

It is meant to be read: copy what you need.
"""
import base64
import hashlib
import hmac
import http.server
import json
import os
import secrets
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

# How long an answer is waited for, and how often a request is made that the server could not answer.
TIMEOUT_SECONDS = 30
TRIES = 5
# A webhook signed longer ago than this is not believed.
TOLERANCE_SECONDS = 300

DEBTOR = {"kind": "natural", "code": "RSSMRA85T10A562S", "full_name": "Mario Rossi"}


class Refused(Exception):
    """The server said no: a problem document (RFC 9457)."""

    def __init__(self, status, problem):
        super().__init__(f"{status} {problem.get('code')}: {problem.get('detail') or problem.get('title')}")
        self.status, self.problem = status, problem


class Lanterna:
    """The REST interface, with a token that is renewed by itself."""

    def __init__(self, url, client_id, client_secret):
        self.base = url.rstrip("/") + "/api/v1"
        self.client_id, self.client_secret = client_id, client_secret
        self.token, self.token_until = None, 0.0

    def send(self, method, path, content=None, content_type="application/json", headers=None, as_bytes=False):
        """One request. What the server could not answer is sent again: the same `Idempotency-Key` makes that safe."""
        body = json.dumps(content).encode() if content_type == "application/json" and content is not None else content
        headers = {"Accept": "application/json", "Accept-Language": "it", **(headers or {})}
        if body is not None:
            headers["Content-Type"] = content_type
        if method == "POST":
            headers.setdefault("Idempotency-Key", secrets.token_urlsafe(16))
        for attempt in range(TRIES):
            headers["Authorization"] = f"Bearer {self.bearer()}"
            request = urllib.request.Request(self.base + path, body, headers, method=method)
            try:
                with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:
                    read = answer.read()
                    return read if as_bytes else (json.loads(read) if read else None)
            except urllib.error.HTTPError as error:
                problem = read_problem(error)
                if error.code == 401 and attempt == 0:
                    self.token = None
                    continue
                if error.code not in (429, 503) or attempt == TRIES - 1:
                    raise Refused(error.code, problem) from None
                time.sleep(float(error.headers.get("Retry-After") or 2**attempt))
            except urllib.error.URLError:
                if attempt == TRIES - 1:
                    raise
                time.sleep(2**attempt)
        raise AssertionError("the loop returns or raises")

    def bearer(self):
        """The token, exchanged for the secret when there is none or it is about to end."""
        if self.token is None or time.monotonic() > self.token_until:
            form = urllib.parse.urlencode({"grant_type": "client_credentials"}).encode()
            pair = base64.b64encode(f"{self.client_id}:{self.client_secret}".encode()).decode()
            request = urllib.request.Request(f"{self.base}/token", form, {"Authorization": f"Basic {pair}"})
            try:
                with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:
                    told = json.load(answer)
            except urllib.error.HTTPError as error:
                raise Refused(error.code, read_problem(error)) from None
            self.token, self.token_until = told["access_token"], time.monotonic() + told["expires_in"] - 60
        return self.token


def read_problem(error):
    try:
        return json.load(error)
    except ValueError:
        return {"title": error.reason}


def is_believed(secret, headers, body, now):
    """Whether a webhook comes from Lanterna (Standard Webhooks 1.0). `secret` is what `receive` was told: whsec_..."""
    try:
        message_id, sent = headers["webhook-id"], headers["webhook-timestamp"]
        signatures = headers["webhook-signature"].split(" ")
        if abs(now - int(sent)) > TOLERANCE_SECONDS:
            return False
    except (AttributeError, KeyError, TypeError, ValueError):
        return False
    key = base64.b64decode(secret.removeprefix("whsec_"))
    digest = hmac.new(key, f"{message_id}.{sent}.".encode() + body, hashlib.sha256).digest()
    expected = "v1," + base64.b64encode(digest).decode()
    return any(hmac.compare_digest(expected, signature) for signature in signatures)


def put(lanterna, key, service, cents):
    """The same again changes nothing; other contents change the debt, as long as nothing of it is paid."""
    draft = {
        "key": key,
        "service": service,
        "debtor": DEBTOR,
        "description": f"Debt {key}",
        "options": [{"kind": "whole", "instalments": [{"amount": int(cents)}]}],
    }
    path = f"/positions/{urllib.parse.quote(key, safe='')}"
    return lanterna.send("PUT", path, draft)


def release(lanterna, service, cents):
    """A new notice while the citizen waits."""
    wanted = {"service": service, "debtor": DEBTOR, "amount": int(cents)}
    return lanterna.send("POST", "/counter/notices", wanted)


def load(lanterna, path):
    """Sends a file, waits until every row is dealt with, and returns the file that says what became of each."""
    with open(path, "rb") as file:
        content = file.read()
    name = urllib.parse.quote(os.path.basename(path))
    # The same file sent again is the same import, so nothing is loaded twice.
    loaded = lanterna.send("POST", f"/imports?file_name={name}", content, "application/octet-stream")
    while loaded["state"] not in ("done", "cancelled", "failed"):
        if loaded["state"] == "checked":
            # Here one could look at how many rows are wrong, and let it be.
            lanterna.send("POST", f"/imports/{loaded['id']}/apply")
        time.sleep(0.5)
        loaded = lanterna.send("GET", f"/imports/{loaded['id']}")
    return lanterna.send("GET", f"/imports/{loaded['id']}/outcome", as_bytes=True, headers={"Accept": "text/csv"})


def outcomes(lanterna):
    """Yields every outcome that is new. It is acknowledged after the caller has dealt with its page, so none is lost; one
    may come twice after a crash, under the same id."""
    while True:
        page = lanterna.send("GET", "/outcomes?limit=100")
        yield from page["items"]
        if page["items"]:
            lanterna.send("POST", "/outcomes/acknowledge", {"up_to": page["last"]})
        if not page["more"]:
            return


def receive(lanterna, address, port, most=None):
    """Has outcomes sent to `address` and prints them as they come; stops after `most` of them."""
    endpoint = lanterna.send("POST", "/outcomes/endpoints", {"url": address})
    seen = set()

    class Receiver(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            believed = is_believed(endpoint["secret"], self.headers, body, time.time())
            # A webhook is told at least once: what was taken before is answered alike, and not dealt with again.
            if believed and (message_id := self.headers["webhook-id"]) not in seen:
                seen.add(message_id)
                print(json.dumps(json.loads(body)), flush=True)
            self.send_response(204 if believed else 401)
            self.end_headers()

        def log_message(self, *_):
            pass

    with http.server.HTTPServer(("127.0.0.1", int(port)), Receiver) as server:
        print(f"endpoint {endpoint['id']}: waiting on port {port}", file=sys.stderr, flush=True)
        while most is None or len(seen) < most:
            server.handle_request()


def main(arguments):
    lanterna = Lanterna(
        os.environ["LANTERNA_URL"], os.environ["LANTERNA_CLIENT_ID"], os.environ["LANTERNA_CLIENT_SECRET"]
    )
    match arguments:
        case ["put", key, service, cents]:
            print(json.dumps(put(lanterna, key, service, cents), indent=2))
        case ["release", service, cents]:
            print(json.dumps(release(lanterna, service, cents), indent=2))
        case ["load", path]:
            sys.stdout.buffer.write(load(lanterna, path))
        case ["outcomes"]:
            for outcome in outcomes(lanterna):
                print(json.dumps(outcome), flush=True)
        case ["receive", address, port]:
            receive(lanterna, address, port)
        case ["receive", address, port, most]:
            receive(lanterna, address, port, int(most))
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except Refused as refusal:
        sys.exit(f"refused: {refusal}")
