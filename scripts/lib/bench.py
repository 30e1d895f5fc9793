"""What scripts/bench measures: arguments are the bare server, the API, seconds a round, and the database as a superuser."""
import http.client
import json
import re
import statistics
import subprocess
import sys
import time
from urllib.parse import urlsplit

bare, api, seconds, database = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
ROUNDS = 3
RECORDS = 200_000
connection = http.client.HTTPConnection(urlsplit(api).netloc)


def say(text):
    print(f"\033[1m== {text}\033[0m", file=sys.stderr)


def call(method, path, credential=None, body=None):
    headers = {"Content-Type": "application/json"} if body else {}
    if credential:
        headers["Authorization"] = f"Bearer {credential}"
    connection.request(method, path, json.dumps(body) if body else None, headers)
    response = connection.getresponse()
    content = json.loads(response.read() or "null")
    if response.status >= 400:
        sys.exit(f"bench: {method} {path} answered {response.status}: {content}")
    return content


def sql(script):
    subprocess.run(["psql", "-qX", "-v", "ON_ERROR_STOP=1", database], input=script, text=True, check=True)


def wrk(url, credential, connections):
    command = ["wrk", "-t", str(min(2, connections)), "-c", str(connections), "-d", f"{seconds}s", "--latency"]
    if credential:
        command += ["-H", f"Authorization: Bearer {credential}"]
    output = subprocess.run(command + [url], capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in output or "Socket errors" in output:
        sys.exit(f"bench: {url} failed under load:\n{output}")
    units = {"us": 0.001, "ms": 1, "s": 1000}
    quantiles = {q: float(v) * units[u] for q, v, u in re.findall(r"(\d+)%\s+([\d.]+)(us|ms|s)", output)}
    return float(re.search(r"Requests/sec:\s+([\d.]+)", output).group(1)), quantiles


def seed(tenant, token):
    """Records spread over the sixty days before now, with the rollups that their ingestion would have left."""
    sql(f"""
        SELECT tessera.usage_partition_ensure((now() - day * interval '1 day')::date) FROM generate_series(0, 63) AS day;
        INSERT INTO tessera.api_token_usage
        SELECT '{tenant}', '{token}', now() - n * interval '25.9 seconds', gen_random_uuid(), (ARRAY['GET', 'POST'])[1 + n % 2],
               (ARRAY[200, 201, 404, 500])[1 + n % 4], 1000 + n % 5000, '/api/v1/tokens', '192.0.2.1', 'bench/1.0', gen_random_uuid()
        FROM generate_series(1, {RECORDS}) AS n;
        INSERT INTO tessera.api_token_usage_hourly
        SELECT tenant_id, token_id, date_trunc('hour', occurred_at, 'UTC'), method, response_status, count(*), sum(processing_time_us),
               0, 0, 0, 0, 0, 0, count(*)
        FROM tessera.api_token_usage WHERE token_id = '{token}' GROUP BY 1, 2, 3, 4, 5;
        INSERT INTO tessera.api_token_usage_daily
        SELECT tenant_id, token_id, date_trunc('day', bucket, 'UTC'), method, status, sum(requests), sum(duration_us_sum), 0, 0, 0, 0, 0, 0, sum(listed)
        FROM tessera.api_token_usage_hourly WHERE token_id = '{token}' GROUP BY 1, 2, 3, 4, 5;
        VACUUM ANALYZE;
    """)


def deep_cursor(path, session):
    """The cursor behind three quarters of the log, walked to as a client would."""
    page = call("GET", f"{path}?page=100&limit=100", session)
    for _ in range((RECORDS * 3 // 4 - 10_000) // 100):
        page = call("GET", f"{path}?limit=100&cursor={page['pagination']['nextCursor']}", session)
    return page["pagination"]["nextCursor"]


say(f"a token with {RECORDS:,} records")
session = call("POST", "/api/v1/auth/register", body={
    "email": "bench@example.com", "password": "correct horse battery", "name": "Bench", "tenantName": "Bench"})["accessToken"]
tenant = call("GET", "/api/v1/me", session)["tenant"]["id"]
caller, logged = (call("POST", "/api/v1/tokens", session, {"name": name, "scopes": ["read"]}) for name in ("caller", "logged"))
token, usage = caller["token"], f"/api/v1/tokens/{logged['id']}/usage"
seed(tenant, logged["id"])
total = call("GET", usage, session)["pagination"]["total"]
if total != RECORDS:
    sys.exit(f"bench: the log's total is {total}, not {RECORDS}")
cursor = deep_cursor(usage, session)

# The time from a call until its owner sees it.
begun = time.monotonic()
own = f"/api/v1/tokens/{caller['id']}/usage"
call("GET", "/api/v1/me", token)
while call("GET", own, session)["pagination"]["total"] == 0:
    time.sleep(0.005)
visible = (time.monotonic() - begun) * 1000

rows = [
    ("bare Hummingbird, JSON", bare + "/me", None),
    ("`/api/v1/me` by session", api + "/api/v1/me", session),
    ("`/api/v1/me` by API token", api + "/api/v1/me", token),
    ("usage, page 1", f"{api}{usage}?page=1&limit=50", session),
    ("usage, page 200", f"{api}{usage}?page=200&limit=50", session),
    ("usage, cursor behind 150,000", f"{api}{usage}?limit=50&cursor={cursor}", session),
]
rates = {name: [] for name, _, _ in rows}
for round in range(ROUNDS):
    for name, url, credential in rows:
        say(f"round {round + 1} of {ROUNDS}: {name}")
        # A session lives 15 minutes; the machine may be slow.
        rates[name].append(wrk(url, credential, 32)[0])
alone = {}
for name, url, credential in rows:
    say(f"one connection: {name}")
    alone[name] = wrk(url, credential, 1)[1]

base = statistics.median(rates[rows[0][0]])
print("| | requests/s | of bare | p50 alone | p99 alone |\n|---|---|---|---|---|")
for name, _, _ in rows:
    rate = statistics.median(rates[name])
    print(f"| {name} | {rate:,.0f} | {rate / base:.2f} | {alone[name]['50']:.2f} ms | {alone[name]['99']:.2f} ms |")
print(f"\nA call was visible in its token's usage after {visible:.0f} ms.")
