"""Lets schemathesis ask a fresh Tessera everything its own description allows, and what it doesn't, as one kind of caller.

    contract.py URL CALLER EXAMPLES PYTHON_HOME DATABASE_URL

CALLER: nobody, session, token (scope read), admin (a platform administrator), off (a token and the token feature switched off).
"""

import json
import os
import random
import subprocess
import sys
import urllib.request

url, caller, examples, home, database = sys.argv[1:]
password = "violet-otter-%08x" % random.getrandbits(32)

# They end whoever calls them, so each of them is asked by somebody of its own.
ENDS_ITS_CALLER = ["logout", "reauthenticate", "deleteMe", "deleteTenant", "revokeOwnToken", "rotateOwnToken", "removeMember", "endSession"]


def call(method, path, body=None, credential=None):
    request = urllib.request.Request(url + path, method=method, data=None if body is None else json.dumps(body).encode())
    request.add_header("Content-Type", "application/json")
    if credential:
        request.add_header("Authorization", "Bearer " + credential)
    with urllib.request.urlopen(request) as reply:
        return json.loads(reply.read() or b"null")


def session(name):
    email = "%s-%08x@example.com" % (name, random.getrandbits(32))
    given = call("POST", "/api/v1/auth/register", {"email": email, "password": password, "name": name, "tenantName": name})
    return email, given["accessToken"]


def administrator():
    email, _ = session("root")
    subprocess.run(
        ["psql", "-qX", "-v", "ON_ERROR_STOP=1", "-v", "email=" + email, database],
        input="UPDATE tessera.users SET is_platform_admin = true, email_verified_at = now() WHERE email = :'email'", text=True, check=True)
    return call("POST", "/api/v1/auth/login", {"email": email, "password": password})["accessToken"]


def credential():
    if caller == "nobody":
        return None
    if caller == "admin":
        return administrator()
    _, access = session("ada")
    if caller == "session":
        return access
    token = call("POST", "/api/v1/tokens", {"name": "narrow", "scopes": ["read"]}, access)["token"]
    if caller == "off":
        call("PUT", "/api/v1/admin/feature-flags/api-tokens", {"killed": True, "reason": "a test"}, administrator())
    return token


def ask(seed, *more):
    command = [
        home + "/bin/schemathesis", "--no-color", "--config-file", "scripts/lib/schemathesis.toml", "run", url + "/openapi.json", "--mode", "all",
        "--phases", "examples,coverage,fuzzing", "--max-examples", examples, "--workers", "2", "--seed", str(seed), *more]
    given = credential()
    if given:
        command += ["--header", "Authorization: Bearer " + given]
    return subprocess.run(command, env={**os.environ, "PYTHONWARNINGS": "ignore"}).returncode


seed = int(os.environ.get("TESSERA_SEED") or random.getrandbits(31))
print(f"== {caller}, seed {seed}", flush=True)
code = ask(seed, *[word for name in ENDS_ITS_CALLER for word in ("--exclude-operation-id", name)])
for name in ENDS_ITS_CALLER if caller != "nobody" else []:
    code = ask(seed, "--include-operation-id", name) or code
sys.exit(code)
