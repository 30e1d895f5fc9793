"""A mail server that takes everything it isn't told to refuse. Prints its port, then a line of JSON a message."""

import argparse
import asyncio
import base64
import email
import email.policy
import json
import ssl

from aiosmtpd.smtp import SMTP, AuthResult

parser = argparse.ArgumentParser()
parser.add_argument("--tls", choices=["none", "starttls", "implicit"], default="none")
parser.add_argument("--certificate")
parser.add_argument("--key")
parser.add_argument("--user")
parser.add_argument("--password")
parser.add_argument("--without", action="append", default=[], help="a mechanism of AUTH, or SMTPUTF8")
parser.add_argument("--refuse", action="append", default=[], help="MAIL|RCPT|DATA=reply")
options = parser.parse_args()
refusals = dict(text.split("=", 1) for text in options.refuse)


class Handler:
    async def handle_MAIL(self, server, session, envelope, address, mail_options):
        if "MAIL" in refusals:
            return refusals["MAIL"]
        envelope.mail_from = address
        envelope.mail_options.extend(mail_options)
        return "250 sender ok"

    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
        if "RCPT" in refusals:
            return refusals["RCPT"]
        envelope.rcpt_tos.append(address)
        return "250 recipient ok"

    async def handle_DATA(self, server, session, envelope):
        if "DATA" in refusals:
            return refusals["DATA"]
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        received = {
            "sender": envelope.mail_from,
            "recipients": envelope.rcpt_tos,
            "isEncrypted": session.ssl is not None or options.tls == "implicit",
            "isAuthenticated": bool(session.authenticated),
            "options": envelope.mail_options,
            "subject": message["Subject"],
            "text": message.get_content().replace("\r\n", "\n"),
            "content": base64.b64encode(envelope.content).decode(),
        }
        print("message", json.dumps(received), flush=True)
        return "250 accepted"


def authenticate(server, session, envelope, mechanism, data):
    right = data.login == options.user.encode() and data.password == options.password.encode()
    return AuthResult(success=right, handled=False)


async def main():
    context = None
    if options.tls != "none":
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(options.certificate, options.key)
    arguments = {
        "enable_SMTPUTF8": "SMTPUTF8" not in options.without,
        "hostname": "test",
        "auth_require_tls": options.tls == "starttls",
        "auth_exclude_mechanism": [name for name in options.without if name != "SMTPUTF8"],
    }
    if options.tls == "starttls":
        arguments.update(tls_context=context, require_starttls=True)
    if options.user:
        arguments.update(authenticator=authenticate, auth_required=True)
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(Handler(), **arguments), "127.0.0.1", 0, ssl=context if options.tls == "implicit" else None
    )
    print("port", server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main())
