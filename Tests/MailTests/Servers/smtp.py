"""A mail server for tests, by Python's own modules. Arguments: port, mode, folder for what arrives, certificate and key where TLS is spoken.

Modes: plain, starttls, tls, auth (STARTTLS and a login ada / secret), refuse (550 for the recipient), busy (451), silent, hangup, inject.
"""
import base64
import socket
import ssl
import sys
import threading

port, mode, folder = int(sys.argv[1]), sys.argv[2], sys.argv[3]
context = None
if len(sys.argv) > 5:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[4], sys.argv[5])


def serve(connection, number):
    if mode == "silent":
        threading.Event().wait(60)
    if mode == "hangup":
        connection.close()
        return
    if mode == "tls":
        connection = context.wrap_socket(connection, server_side=True)
    stream = connection.makefile("rb")

    def say(text):
        connection.sendall(text.encode() + b"\r\n")

    say("220 test server")
    encrypted, trusted = mode == "tls", False
    while line := stream.readline():
        command = line.decode().strip()
        verb = command.split(" ")[0].upper()
        if verb == "EHLO":
            words = ["test server"] + (["STARTTLS"] if context and not encrypted else []) + (["AUTH PLAIN LOGIN"] if mode == "auth" else [])
            for word in words[:-1]:
                say("250-" + word)
            say("250 " + words[-1])
        elif verb == "STARTTLS":
            connection.sendall(b"220 go ahead\r\n" + (b"250 injected\r\n" if mode == "inject" else b""))
            connection = context.wrap_socket(connection, server_side=True)
            stream, encrypted = connection.makefile("rb"), True
        elif verb == "AUTH":
            trusted = base64.b64decode(command.split(" ")[2]) == b"\0ada\0secret" and encrypted
            say("235 welcome" if trusted else "535 who are you")
        elif verb == "MAIL":
            say("530 log in first" if mode == "auth" and not trusted else "250 ok")
        elif verb == "RCPT":
            say({"refuse": "550 no such user", "busy": "451 try later"}.get(mode, "250 ok"))
        elif verb == "DATA":
            say("354 go ahead")
            mail = b""
            while (part := stream.readline()) != b".\r\n":
                mail += part[1:] if part.startswith(b".") else part
            with open(f"{folder}/{number}.eml", "wb") as file:
                file.write(mail)
            say("250 taken")
        elif verb == "QUIT":
            say("221 bye")
            return
        else:
            say("502 what")


listener = socket.create_server(("127.0.0.1", port))
print("ready", listener.getsockname()[1], flush=True)
number = 0
while True:
    connection, _ = listener.accept()
    threading.Thread(target=serve, args=(connection, number), daemon=True).start()
    number += 1
