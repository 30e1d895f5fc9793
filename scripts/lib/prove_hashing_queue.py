"""What scripts/prove measures of the hashing queue: the argument is the API.

How long `GET /api/v1/me` by an API token takes, while nothing else goes on and while so many log in that the queue is full.
"""
import http.client
import json
import multiprocessing
import os
import statistics
import sys
import threading
import time
from urllib.parse import urlsplit

api = sys.argv[1]
ROUNDS, SECONDS = 5, 6
CONNECTIONS, RATE = 4, 50  # requests a second of each connection
GUESSERS = 76  # more than the two that are hashed and the 64 that wait
MOST = 3.0  # times that the 99th percentile may grow


def say(text):
    print(f"\033[1m== {text}\033[0m", file=sys.stderr)


def connect():
    return http.client.HTTPConnection(urlsplit(api).netloc)


def call(connection, method, path, credential=None, body=None):
    headers = {"Content-Type": "application/json"} if body else {}
    if credential:
        headers["Authorization"] = f"Bearer {credential}"
    connection.request(method, path, json.dumps(body) if body else None, headers)
    response = connection.getresponse()
    return response.status, json.loads(response.read() or "null")


def guess(statuses, stop):
    """Logs in over one connection after the other, until told to stop; who is refused waits a moment."""
    connection = connect()
    while not stop.is_set():
        status, _ = call(connection, "POST", "/api/v1/auth/login", body={"email": "nobody@example.com", "password": "wrong horse battery"})
        with statuses.get_lock():
            statuses[0 if status == 401 else 1 if status == 503 else 2] += 1
        if status == 503:
            stop.wait(0.25)


def guessers(statuses, stop):
    threads = [threading.Thread(target=guess, args=(statuses, stop)) for _ in range(GUESSERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def measure(token):
    """The median and the 99th percentile of the milliseconds that an answer takes."""
    def pace(times):
        connection = connect()
        call(connection, "GET", "/api/v1/me", token)
        due = time.perf_counter()
        for _ in range(SECONDS * RATE):
            due += 1 / RATE
            time.sleep(max(0, due - time.perf_counter()))
            # An answer that came late delays the next request: that counts too.
            begun = time.perf_counter() if not times or due > answered else due
            status, body = call(connection, "GET", "/api/v1/me", token)
            answered = time.perf_counter()
            if status != 200:
                sys.exit(f"prove: /me answered {status}: {body}")
            times.append(answered - begun)

    samples = [[] for _ in range(CONNECTIONS)]
    threads = [threading.Thread(target=pace, args=(times,)) for times in samples]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    times = [time for sample in samples for time in sample]
    if len(times) != CONNECTIONS * SECONDS * RATE:
        sys.exit(f"prove: {len(times)} answers only")
    times.sort()
    return [times[int(share * len(times))] * 1000 for share in (0.5, 0.99)]


def first():
    """Lets this process run before all others, as if the client were another machine. Only root may."""
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    except PermissionError:
        say("not root: the client's own waiting for a core is measured too")


connection = connect()
status, session = call(connection, "POST", "/api/v1/auth/register", body={
    "email": f"prove-{os.getpid()}@example.com", "password": "correct horse battery", "name": "x", "tenantName": "x"})
_, issued = call(connection, "POST", "/api/v1/tokens", session["accessToken"], {"name": "prove"})
statuses = multiprocessing.Array("q", 3)
scheduling = os.sched_getscheduler(0), os.sched_getparam(0)


def beside_a_full_queue():
    """Measures while so many log in that some are refused; also answers how many a second were hashed and refused."""
    stop = multiprocessing.Event()
    crowd = multiprocessing.Process(target=guessers, args=(statuses, stop))
    crowd.start()
    refused, deadline = statuses[1], time.monotonic() + 30
    while statuses[1] < refused + 10:
        if time.monotonic() > deadline:
            sys.exit("prove: the queue was never full")
        time.sleep(0.05)
    before, begun = list(statuses), time.monotonic()
    times = measured(issued["token"])
    rates = [(now - then) / (time.monotonic() - begun) for now, then in zip(statuses, before)]
    stop.set()
    crowd.join()
    return times, rates


def measured(token):
    first()
    times = measure(token)
    os.sched_setscheduler(0, *scheduling)
    return times


rounds = []
for round in range(ROUNDS):
    alone = measured(issued["token"])
    full, rates = beside_a_full_queue()
    rounds.append((*alone, *full, full[1] / alone[1], *rates))
    say(f"round {round + 1} of {ROUNDS}: p99 {alone[1]:.2f} ms, then {full[1]:.2f} ms; {rates[0]:.0f} logins a second hashed, {rates[1]:.0f} refused")
if statuses[2]:
    sys.exit(f"prove: {statuses[2]} logins were answered neither 401 nor 503")
# The median of the rounds: something else may have run on the machine for a moment.
alone50, alone99, full50, full99, ratio, hashed, refused, _ = (statistics.median(column) for column in zip(*rounds))
print("| `GET /api/v1/me` by API token | p50 | p99 |\n|---|---|---|")
print(f"| alone | {alone50:.2f} ms | {alone99:.2f} ms |")
print(f"| while the hashing queue is full | {full50:.2f} ms | {full99:.2f} ms |")
print(f"\nThe median of {ROUNDS} rounds of {CONNECTIONS * RATE * SECONDS:,} requests; {hashed:.0f} logins a second were hashed, "
      f"{refused:.0f} refused by 503. p99 grew {ratio:.1f} times.")
sys.exit(1 if ratio > MOST else 0)
