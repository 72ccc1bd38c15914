"""Why nobody is signed in this way, in sentences for people. What a provider wrote is never among them."""

from uuid import UUID

from django.utils.translation import gettext as _


class SignInRefused(Exception):
    """Nobody is signed in, or the provider cannot be used.

    word: the reason in one word, for the ledger and for tests. person_id: whose account was tried, None when nobody knows.
    """

    def __init__(self, word: str, *, person_id: UUID | None = None) -> None:
        super().__init__(sentence(word))
        self.word, self.person_id = word, person_id


def sentence(word: str) -> str:
    """What happened and what to do next. Words that say nothing to people end in one sentence that names the word."""
    return {
        "address": _(
            "An address begins with https://, names a server, and has no user name, question mark or # in it."
        ),
        "name": _("No server has this name. Check the spelling."),
        "inside": _("This server lies inside the network. The operator can allow it with COMMONGROUND_OPENID_HOSTS."),
        "port": _(
            "The provider must listen on port 443. The operator can allow another with COMMONGROUND_OPENID_HOSTS."
        ),
        "certificate": _("The provider’s certificate cannot be trusted."),
        "silent": _("The provider does not answer. Try again in a few minutes, or sign in with your password."),
        "strange": _("What answered is no OpenID Connect provider, or it has a problem. Check the issuer’s address."),
        "issuer": _(
            "The provider calls itself by another address. Compare it letter by letter, also the slash at the end."
        ),
        "abilities": _(
            "The provider lacks something that signing in needs: the code flow, PKCE with S256, RS256 or ES256."
        ),
        "client": _("The provider does not accept this client ID and secret."),
        "secret": _("The stored secret can no longer be read. Type it again."),
        "state": _("This sign-in took longer than ten minutes, was used already, or was begun elsewhere. Begin again."),
        "mixed": _("The answer did not come from the provider that was asked. Nobody was signed in. Begin again."),
        "stopped": _("You were not signed in there, or stopped. Nobody was signed in here."),
        "refused_there": _("The provider would not sign you in. Ask who looks after accounts in your district."),
        "code": _("The provider did not accept its own answer again. Begin again."),
        "unverified": _(
            "Your provider has not confirmed an email address for you. Sign in with your password, and connect the account on the page of your security."
        ),
        "nobody": _(
            "Nobody was signed in. This way opens an account here only where all of its roles are at the organization whose sign-in it is. Sign in with your password, or ask whoever gave you the role."
        ),
        "often": _("Too many attempts. Wait five minutes and try once more."),
    }.get(word) or _(
        "The provider’s answer did not pass a check, so nobody was signed in. Begin again. If it stays so, tell the operator this word: %(word)s."
    ) % {"word": word}
