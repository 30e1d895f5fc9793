"""What scripts/prove measures of login and reset: arguments are the API and the database as a superuser.

The area under the curve (AUC) is the chance that of one answer for an account and one for no account, whoever compares their times
tells which is which: 0.5 is guessing.
"""
import http.client
import json
import random
import secrets
import statistics
import subprocess
import sys
import threading
import time
from urllib.parse import urlsplit

api, database = sys.argv[1], sys.argv[2]
LIMIT = 0.55
KNOWN, DISABLED = 200, 50
SAMPLES, SAMPLES_OF_DISABLED = 2_000, 500
PASSWORD = "correct horse battery"


def say(text):
    print(f"\033[1m== {text}\033[0m", file=sys.stderr)


def emails(count):
    """Addresses that differ in nothing but whether they are known."""
    return [f"{secrets.token_hex(8)}@example.com" for _ in range(count)]


def each(bodies, path, expected, workers):
    """Posts every (class, body) over `workers` connections; the seconds that each took, by class."""
    times, waiting, faults = {}, iter(enumerate(bodies)), []
    lock = threading.Lock()

    def work():
        connection = http.client.HTTPConnection(urlsplit(api).netloc)
        while not faults:
            with lock:
                number, (kind, body) = next(waiting, (None, (None, None)))
            if number is None:
                return
            content = json.dumps(body)
            begun = time.perf_counter()
            connection.request("POST", path, content, {"Content-Type": "application/json"})
            response = connection.getresponse()
            answer = response.read()
            taken = time.perf_counter() - begun
            if response.status != expected:
                faults.append(f"{path} answered {response.status} for {kind}: {answer.decode()}")
            with lock:
                times.setdefault(kind, []).append(taken)
                if number % 500 == 499:
                    say(f"{number + 1} of {len(bodies)}")

    threads = [threading.Thread(target=work) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        sys.exit(f"prove: {faults[0]}")
    return times


def auc(left, right):
    """Mann and Whitney's U of two samples over its greatest value; a tie is half."""
    ranked = sorted([(value, 0) for value in left] + [(value, 1) for value in right])
    ranks, begin = 0.0, 0
    while begin < len(ranked):
        end = begin
        while end < len(ranked) and ranked[end][0] == ranked[begin][0]:
            end += 1
        ranks += (begin + end + 1) / 2 * sum(side for _, side in ranked[begin:end])
        begin = end
    share = (ranks - len(right) * (len(right) + 1) / 2) / (len(left) * len(right))
    return max(share, 1 - share)


def compare(what, times, left, right):
    """Prints how well the two can be told apart; answers whether it is too well."""
    one, other = times[left], times[right]
    # The standard deviation of U when there is no difference at all.
    noise = 0.5 + 1.96 * ((len(one) + len(other) + 1) / (12 * len(one) * len(other))) ** 0.5
    found = auc(one, other)
    figures = [f"{statistics.median(sample) * 1000:.2f} ms" for sample in (one, other)]
    print(f"| {what} | {left} {len(one)}, {right} {len(other)} | {figures[0]} | {figures[1]} | {found:.3f} | {noise:.3f} |", flush=True)
    return found > LIMIT


def shuffled(classes):
    bodies = [(kind, make(number)) for kind, (count, make) in classes.items() for number in range(count)]
    random.shuffle(bodies)
    return bodies


begun = time.monotonic()
known, disabled, unknown = emails(KNOWN), emails(DISABLED), emails(KNOWN)
say(f"{KNOWN + DISABLED} accounts, {DISABLED} of them disabled")
each([("new", {"email": email, "password": PASSWORD, "name": "x", "tenantName": "x"}) for email in known + disabled],
     "/api/v1/auth/register", 201, 4)
listed = ", ".join(f"'{email}'" for email in disabled)
subprocess.run(["psql", "-qX", "-v", "ON_ERROR_STOP=1", database], text=True, check=True,
               input=f"UPDATE tessera.users SET status = 'disabled' WHERE email IN ({listed}); VACUUM ANALYZE;")


def login(accounts, password="wrong horse battery"):
    return lambda number: {"email": accounts[number % len(accounts)], "password": password}


def reset(accounts):
    return lambda number: {"email": accounts[number % len(accounts)]}


say("logins, two at a time")
logins = each(shuffled({"unknown": (SAMPLES, login(unknown)), "wrong password": (SAMPLES, login(known)),
                        "disabled": (SAMPLES_OF_DISABLED, login(disabled, PASSWORD))}), "/api/v1/auth/login", 401, 2)
say("resets, one at a time")
resets = each(shuffled({"unknown": (SAMPLES, reset(unknown)), "known": (SAMPLES, reset(known))}), "/api/v1/auth/password/forgot", 202, 1)

print("| | answers | median of the first | of the second | AUC | of chance, 95 % |\n|---|---|---|---|---|---|")
told = [compare("login", logins, "unknown", "wrong password"), compare("login, right password", logins, "unknown", "disabled"),
        compare("reset", resets, "unknown", "known")]
print(f"\nMeasured in {time.monotonic() - begun:.0f} s; more than {LIMIT} would tell who has an account.")
sys.exit(1 if any(told) else 0)
