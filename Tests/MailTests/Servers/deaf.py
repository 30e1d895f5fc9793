"""A port whose queue is full: who connects gets no answer. Prints the port."""

import socket
import time

listener = socket.socket()
listener.bind(("127.0.0.1", 0))
listener.listen(0)
waiting = []
for _ in range(3):
    client = socket.socket()
    client.setblocking(False)
    client.connect_ex(listener.getsockname())
    waiting.append(client)
time.sleep(0.2)
print("port", listener.getsockname()[1], flush=True)
time.sleep(600)
