"""A mail server for tests: says where it listens, and prints every mail that it takes as a line of JSON.

Arguments: the port (0 takes a free one), what it answers to a recipient (or "take"), and for STARTTLS a file to put the certificate into of
an authority that it makes up, and that signs its own.
"""

import asyncio
import email
import email.policy
import json
import ssl
import sys

import trustme
from aiosmtpd.smtp import SMTP


class Mailbox:
    def __init__(self, answer):
        self.answer = answer

    async def handle_RCPT(self, server, session, envelope, address, options):
        if self.answer != "take":
            return self.answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        header, _, _ = envelope.content.partition(b"\r\n\r\n")
        mail = {
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "is_encrypted": session.ssl is not None,
            "is_ascii": header.isascii(),
            "longest_line": max(len(line) for line in envelope.content.split(b"\r\n")),
            "headers": {name.lower(): str(value) for name, value in message.items()},
            "defects": [str(defect) for defect in message.defects],
            "type": message.get_content_type(),
            "charset": message.get_content_charset(),
            "text": message.get_content(),
        }
        print(json.dumps(mail), flush=True)
        return "250 OK"


async def main(port, answer, authority_file=None):
    context = None
    if authority_file:
        authority = trustme.CA()
        authority.cert_pem.write_to_path(authority_file)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("localhost").configure_cert(context)
    mailbox = Mailbox(answer)

    def connection():
        return SMTP(mailbox, hostname="localhost", tls_context=context, require_starttls=context is not None)

    server = await asyncio.get_running_loop().create_server(connection, "127.0.0.1", int(port))
    print(json.dumps({"port": server.sockets[0].getsockname()[1]}), flush=True)
    await server.serve_forever()


asyncio.run(main(*sys.argv[1:]))
