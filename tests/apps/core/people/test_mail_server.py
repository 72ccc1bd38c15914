"""Mail over a real socket: a small server with a certificate of its own, over STARTTLS and over TLS from the start."""

import datetime
import ipaddress
import socketserver
import ssl
import threading

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.utils import timezone
from tests.signing_in import signed_in

from commonground.apps.core.models import MailSettings
from commonground.apps.core.people.mail import MailRefused, send_mail
from commonground.store.secrets import seal

pytestmark = pytest.mark.database
PASSWORD = "quiet-otter-lamp"


def certificate(folder, name):
    """A certificate for `localhost`, signed by itself, and its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + datetime.timedelta(days=36_500))
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / f"{name}.pem"
    path.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return path


class Conversation(socketserver.StreamRequestHandler):
    """Just enough SMTP (RFC 5321, 3207, 4954) to take one mail."""

    def handle(self):
        server = self.server
        if server.tls_first:
            self.begin_tls()
        self.say("220 here")
        while line := self.rfile.readline().decode().strip():
            verb = line.split()[0].upper()
            if verb == "EHLO":
                self.say("250-here\r\n250-STARTTLS\r\n250 AUTH PLAIN")
            elif verb == "STARTTLS":
                self.say("220 go on")
                self.begin_tls()
            elif verb == "AUTH":
                server.secrets.append(line)
                self.say("235 welcome" if server.lets_in else "535 no")
            elif verb == "DATA":
                self.say("354 go on")
                text = ""
                while (part := self.rfile.readline().decode()) != ".\r\n":
                    text += part
                server.mails.append(text)
                self.say("250 kept")
            elif verb == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 fine")

    def begin_tls(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.server.certificate)
        self.request = context.wrap_socket(self.request, server_side=True)
        self.rfile, self.wfile = self.request.makefile("rb"), self.request.makefile("wb", buffering=0)

    def say(self, words):
        self.wfile.write(f"{words}\r\n".encode())


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True

    def handle_error(self, *_rest):
        """A client that breaks off is a case of the test, not news."""


@pytest.fixture
def mail_server(world, tmp_path, settings):
    running = Server(("127.0.0.1", 0), Conversation)
    running.certificate = certificate(tmp_path, "own")
    running.mails, running.secrets, running.lets_in, running.tls_first = [], [], True, False
    port = running.server_address[1]
    settings.INSIDE_MAIL_HOSTS = {f"localhost:{port}"}
    settings.MAIL_CERTIFICATES = str(running.certificate)
    MailSettings.objects.create(
        host="localhost",
        port=port,
        username="us",
        sealed_password=seal(PASSWORD),
        sender="no-reply@example.org",
        changed_by_id=world.DANA,
        changed_at=timezone.now(),
    )
    threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    yield running
    running.shutdown()
    running.server_close()


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_mail_leaves_over_tls_only(mail_server, security):
    mail_server.tls_first = security == "tls"
    MailSettings.objects.update(security=security)

    send_mail(to="nia@example.org", subject="Grüße", text="Two lines.\nWith é.")

    assert len(mail_server.mails) == len(mail_server.secrets) == 1
    assert "To: nia@example.org" in mail_server.mails[0]
    assert "Auto-Submitted: auto-generated" in mail_server.mails[0]


def test_a_server_with_another_certificate_gets_neither_password_nor_mail(mail_server, tmp_path, settings):
    settings.MAIL_CERTIFICATES = str(certificate(tmp_path, "other"))

    with pytest.raises(MailRefused, match="certificate"):
        send_mail(to="nia@example.org", subject="x", text="x")

    assert mail_server.mails == mail_server.secrets == []


def test_a_wrong_password_is_said_in_words(mail_server):
    mail_server.lets_in = False

    with pytest.raises(MailRefused, match="user name and password"):
        send_mail(to="nia@example.org", subject="x", text="x")


def test_the_test_button_says_what_became_of_it(mail_server, world):
    dana = signed_in(world.address("dana"))

    assert dana.post("/people/mail/test/").status_code == 302
    assert MailSettings.objects.get().tested_at is not None
    assert "To: dana@example.org" in mail_server.mails[0]
    mail_server.lets_in = False
    answer = dana.post("/people/mail/test/")

    assert answer.status_code == 422
    assert b"does not accept this user name" in answer.content


def test_no_server_is_said_in_words(mail_server):
    mail_server.shutdown()
    mail_server.server_close()

    with pytest.raises(MailRefused, match="did not answer"):
        send_mail(to="nia@example.org", subject="x", text="x")
