"""A mail server for a test, on a free port of the loopback: prints the port, then serves until it is ended.

Keeps each message in FOLDER, read by Python's email package as an independent parser, and what was said in FOLDER/log.
"""
import argparse
import asyncio
import email
import email.policy
import json
import os
import ssl

from aiosmtpd.smtp import SMTP, AuthResult

parser = argparse.ArgumentParser()
parser.add_argument("folder")
parser.add_argument("--certificate")
parser.add_argument("--implicit", action="store_true")
parser.add_argument("--login", help="USER:PASSWORD, wanted before MAIL")
parser.add_argument("--without", action="append", default=[], help="a login mechanism that is not offered")
parser.add_argument("--no-smtputf8", action="store_true")
parser.add_argument("--no-starttls", action="store_true")
parser.add_argument("--reply", action="append", default=[], help="STEP=REPLY; lines parted by |")
parser.add_argument("--cut", action="append", default=[], help="STEP at which the connection ends")
parser.add_argument("--stall", action="append", default=[], help="STEP after which nothing is said any more")
options = parser.parse_args()
replies = dict(reply.split("=", 1) for reply in options.reply)


def note(line):
    with open(os.path.join(options.folder, "log"), "a") as log:
        log.write(line + "\n")


def as_read(envelope):
    """The message as its reader's program sees it."""
    raw = envelope.original_content
    message = email.message_from_bytes(raw, policy=email.policy.default)
    parts = [part for part in message.walk() if not part.is_multipart()]
    defects = [str(defect) for part in message.walk() for defect in part.defects]
    for name, value in message.items():
        defects += [f"{name}: {defect}" for defect in getattr(value, "defects", [])]
    return {
        "from": envelope.mail_from,
        "to": envelope.rcpt_tos,
        "options": envelope.mail_options,
        "type": message.get_content_type(),
        "headers": [[name, str(value)] for name, value in message.items()],
        "parts": [{"type": part.get_content_type(), "text": part.get_content().replace("\r\n", "\n")} for part in parts],
        "defects": defects,
        "longest_line": max(len(line) for line in raw.split(b"\r\n")),
        "bare_line_ends": raw.replace(b"\r\n", b"").count(b"\r") + raw.replace(b"\r\n", b"").count(b"\n"),
        "ascii": raw.isascii(),
    }


class Handler:
    messages = 0

    async def step(self, name, server, otherwise):
        note(name)
        if name in options.cut:
            server.transport.abort()
            raise ConnectionResetError
        if name in options.stall:
            await asyncio.sleep(3600)
        return "\r\n".join(replies[name].split("|")) if name in replies else otherwise

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        session.host_name = hostname
        await self.step("EHLO", server, "")
        if options.no_starttls:
            responses = [line for line in responses if "STARTTLS" not in line]
        return responses

    async def handle_MAIL(self, server, session, envelope, address, mail_options):
        reply = await self.step("MAIL", server, "250 2.1.0 OK")
        if reply.startswith("2"):
            envelope.mail_from = address
            envelope.mail_options.extend(mail_options)
        return reply

    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
        reply = await self.step("RCPT", server, "250 2.1.5 OK")
        if reply.startswith("2"):
            envelope.rcpt_tos.append(address)
        return reply

    async def handle_DATA(self, server, session, envelope):
        reply = await self.step("CONTENT", server, "250 2.0.0 taken")
        if reply.startswith("2"):
            Handler.messages += 1
            with open(os.path.join(options.folder, f"{Handler.messages}.json"), "w") as file:
                json.dump(as_read(envelope), file)
        return reply

    async def handle_QUIT(self, server, session, envelope):
        return await self.step("QUIT", server, "221 2.0.0 bye")


class Server(SMTP):
    async def smtp_DATA(self, arg):
        reply = await self.event_handler.step("DATA", self, None)
        if reply:
            await self.push(reply)
        else:
            await super().smtp_DATA(arg)

    async def smtp_AUTH(self, arg):
        reply = await self.event_handler.step("AUTH", self, None)
        if reply:
            await self.push(reply)
        else:
            await super().smtp_AUTH(arg)


def authenticate(server, session, envelope, mechanism, data):
    user, password = options.login.encode().split(b":", 1)
    good = (data.login, data.password) == (user, password)
    note(f"{mechanism} {'with' if session.ssl else 'without'} TLS")
    return AuthResult(success=good, handled=False, message=None if good else "535 5.7.8 Username and Password not accepted")


async def main():
    tls = None
    if options.certificate:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(options.certificate)

    def make():
        return Server(
            Handler(),
            hostname="mail.test",
            enable_SMTPUTF8=not options.no_smtputf8,
            tls_context=tls if not options.implicit else None,
            authenticator=authenticate if options.login else None,
            auth_required=bool(options.login),
            auth_require_tls=False,
            auth_exclude_mechanism=options.without,
            data_size_limit=4_000_000,
        )

    server = await asyncio.get_running_loop().create_server(
        make, "127.0.0.1", 0, ssl=tls if options.implicit else None)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main())
