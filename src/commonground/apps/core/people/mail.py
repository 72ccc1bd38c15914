"""How mail leaves: to a mail server outside this machine's own network, over TLS, at the address that was checked."""

import smtplib
import socket
import ssl
from email.message import EmailMessage
from email.utils import formatdate, make_msgid

from django.conf import settings
from django.utils.translation import gettext as _

from commonground.apps.core.models import MailSettings
from commonground.apps.core.networks import is_outside
from commonground.store.secrets import SecretError, unseal

PORTS = (25, 465, 587, 2525)
SECONDS = 15


class MailRefused(Exception):
    """The mail could not leave; the message says why and what to do. word: the same in one word, for a table."""

    def __init__(self, word: str, message: str) -> None:
        super().__init__(message)
        self.word = word


def checked_address(host: str, port: int) -> str:
    """An address of the mail server that may be reached from here. Raises MailRefused.

    Every address of the name must lie outside: not this machine, not its own network, not a link or a reserved range
    (so that the page cannot be used to reach what only this machine reaches). COMMONGROUND_MAIL_HOSTS, set by the
    operator, names servers inside that may be used all the same, as `host:port`.
    """
    allowed = f"{host}:{port}" in settings.INSIDE_MAIL_HOSTS
    if port not in PORTS and not allowed:
        raise MailRefused("port", _("Mail servers listen on 25, 465, 587 or 2525. Ask which one yours uses."))
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise MailRefused("name", _("No server has this name. Check the spelling.")) from None
    addresses = [str(entry[4][0]) for entry in found]
    if not allowed and not all(is_outside(one) for one in addresses):
        raise MailRefused(
            "inside",
            _("This server lies inside the network. The operator can allow it with COMMONGROUND_MAIL_HOSTS."),
        )
    return addresses[0]


class _Pinned(smtplib.SMTP):
    """Connects to the address that was checked, whatever the name would answer now; the name stands in the certificate."""

    def __init__(self, host: str, port: int, *, address: str, trust: ssl.SSLContext | None = None) -> None:
        """trust: speak TLS from the start, with a certificate that this context accepts."""
        self.address, self.trust, self.name = address, trust, host
        super().__init__(host, port, timeout=SECONDS)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        plain = socket.create_connection((self.address, port), timeout)
        return self.trust.wrap_socket(plain, server_hostname=self.name) if self.trust else plain


def send_mail(*, to: str, subject: str, text: str) -> None:
    """Send one plain mail, now. Raises MailRefused. Nothing of it is logged."""
    server = MailSettings.objects.first()
    if server is None:
        raise MailRefused("unset", _("No mail server has been set up."))
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = server.sender, to, subject
    message["Date"] = formatdate(localtime=True)
    message["Message-ID"] = make_msgid(domain=server.sender.rsplit("@", 1)[-1])
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text)
    address = checked_address(server.host, server.port)
    trust = ssl.create_default_context(cafile=settings.MAIL_CERTIFICATES or None)
    try:
        with _connection(server, address, trust) as smtp:
            if server.username:
                smtp.login(server.username, unseal(server.sealed_password))
            smtp.send_message(message)
    except smtplib.SMTPAuthenticationError:
        raise MailRefused("password", _("The server does not accept this user name and password.")) from None
    except smtplib.SMTPRecipientsRefused:
        raise MailRefused("recipient", _("The server does not accept the address the mail goes to.")) from None
    except ssl.SSLError:
        raise MailRefused(
            "certificate", _("The server’s certificate cannot be trusted, or it speaks no TLS.")
        ) from None
    except smtplib.SMTPNotSupportedError:
        raise MailRefused("tls", _("The server does not offer what was asked for: TLS or a password.")) from None
    except SecretError:
        raise MailRefused("password", _("The stored password can no longer be read. Type it again.")) from None
    except (smtplib.SMTPException, OSError):
        raise MailRefused(
            "answer", _("The server did not answer as a mail server does. Check name and port.")
        ) from None


def _connection(server: MailSettings, address: str, trust: ssl.SSLContext) -> smtplib.SMTP:
    if server.security == MailSettings.Security.TLS:
        return _Pinned(server.host, server.port, address=address, trust=trust)
    smtp = _Pinned(server.host, server.port, address=address)
    smtp.starttls(context=trust)
    return smtp
