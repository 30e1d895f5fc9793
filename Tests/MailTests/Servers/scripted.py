"""A server of one connection that does what its arguments say, in this order, and prints its port and each line it reads:

S: TEXT     sends TEXT and CRLF; \\r\\n in it are line breaks
C: PREFIX   reads a line, which must begin with PREFIX
MESSAGE     reads up to the line with a single dot
FLOOD TEXT  sends TEXT again and again until the client is gone
HANG        waits until the client is gone
"""

import socket
import sys

listener = socket.create_server(("127.0.0.1", 0))
print("port", listener.getsockname()[1], flush=True)
connection, _ = listener.accept()
reader = connection.makefile("rb")


def read():
    line = reader.readline()
    if line:
        print(line.decode("latin-1").rstrip("\r\n"), flush=True)
    return line


try:
    for action in sys.argv[1:]:
        if action.startswith("S: "):
            connection.sendall(action[3:].replace("\\r\\n", "\r\n").encode() + b"\r\n")
        elif action.startswith("C: "):
            line = read()
            if not line.startswith(action[3:].encode()):
                sys.exit(f"expected {action}, not {line!r}")
        elif action == "MESSAGE":
            while read() not in (b".\r\n", b""):
                pass
        elif action.startswith("FLOOD "):
            while True:
                connection.sendall(action[6:].replace("\\r\\n", "\r\n").encode())
        elif action == "HANG":
            while connection.recv(65536):
                pass
        else:
            sys.exit(f"what is {action}?")
except OSError:
    pass
connection.close()
print("closed", flush=True)
