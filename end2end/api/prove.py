#!/usr/bin/env python3
"""Tries the interface of programs against its own description.

Starts the demo city on free ports with an archive of its own, gets a token as a program does, and has schemathesis make
requests out of the OpenAPI document that is served: right ones, wrong ones, and sequences of them. Every answer must be one the
document describes in status, headers and schema, nothing may fail inside, and nothing be done without a token. What the
document forbids must be refused, and what it allows must never be called unreadable.

    .tools/api/bin/python end2end/api/prove.py target/release/lanterna

Seconds, seed and requests for each operation are fixed, so that the same sources give the same verdict.
"""
import json
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request

HERE = pathlib.Path(__file__).parent
MUNICIPALITY = "00856930102"
SCOPES = [
    "positions:read", "positions:write", "receipts:read", "outcomes:read", "imports:write", "counter:use", "quotes:read",
]
SEED = 20261126
SECONDS_MAX = 100
EXAMPLES = 25


def free_address():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{probe.getsockname()[1]}"


def wait_for(url, process):
    for _ in range(300):
        if process.poll() is not None:
            sys.exit(f"prove: the server stopped with {process.returncode}")
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:
                return answer.read()
        except OSError:
            time.sleep(0.1)
    sys.exit(f"prove: nothing answers at {url}")


def make_application(lanterna, database):
    """An application of the municipality that may do everything, as often as it likes."""
    def run(*arguments):
        command = [lanterna, "application", *arguments, "--database", database]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
    grants = [f"--grant={scope}" for scope in SCOPES]
    run("create", "contract", "--institution", MUNICIPALITY, "--name", "Contract", "--requests", "100000", *grants)
    return {"id": "contract", "secret": run("secret", "new", "contract")}


def token(base, application):
    form = urllib.parse.urlencode({
        "grant_type": "client_credentials",
        "client_id": application["id"],
        "client_secret": application["secret"],
    }).encode()
    with urllib.request.urlopen(f"{base}/token", data=form, timeout=10) as answer:
        return json.load(answer)["access_token"]


def main(lanterna):
    with tempfile.TemporaryDirectory() as folder:
        listen, sandbox = free_address(), free_address()
        database = f"sqlite:{folder}/lanterna.db"
        log = open(f"{folder}/log", "wb")
        server = subprocess.Popen(
            [lanterna, "serve", "--demo", "--listen", listen, "--sandbox-listen", sandbox, "--database", database],
            stdout=log, stderr=log, cwd=folder,
        )
        try:
            base = f"http://{listen}/api/v1"
            document = json.loads(wait_for(f"{base}/openapi.json", server))
            operations = sum(len(verbs) for verbs in document["paths"].values())
            print(f"prove: {operations} operations in the document", flush=True)
            application = make_application(lanterna, database)
            done = subprocess.run([
                str(pathlib.Path(sys.executable).parent / "st"),
                "--config-file", str(HERE / "schemathesis.toml"),
                "run", f"{base}/openapi.json",
                "--url", f"http://{listen}",
                "--header", f"Authorization: Bearer {token(base, application)}",
                "--checks", "all",
                "--seed", str(SEED),
                "--max-examples", str(EXAMPLES),
                "--max-time", str(SECONDS_MAX),
                "--workers", "2",
                "--continue-on-failure",
                "--no-color",
            ], cwd=folder, env={**os.environ, "HYPOTHESIS_STORAGE_DIRECTORY": f"{folder}/hypothesis"})
            if done.returncode:
                print("prove: the last lines of the server's log:", flush=True)
                log.flush()
                lines = pathlib.Path(f"{folder}/log").read_text(errors="replace").splitlines()
                print("\n".join(line for line in lines if "ERROR" in line or "WARN" in line)[-4000:])
            return done.returncode
        finally:
            server.terminate()
            server.wait(timeout=20)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(os.path.abspath(sys.argv[1])))
