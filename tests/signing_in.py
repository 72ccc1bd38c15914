"""A browser without JavaScript that signs people in as they would."""

from django.test import Client

CODE = "314159"


def visitor() -> Client:
    """Somebody at this computer, signed out; forms need their token as in a real browser."""
    return Client(SERVER_NAME="localhost")


def signed_in(email: str) -> Client:
    """An invented person, signed in by the demonstration's code."""
    client = visitor()
    answer = client.post("/account/demonstration/", {"email": email, "code": CODE})
    assert answer.status_code == 302, answer.content.decode()
    return client


def opened(client: Client, link: str, typed: dict[str, str]):
    """What answers when somebody follows a one-time link and fills in its form."""
    assert client.get(link).url == "/account/link/"
    return client.post("/account/link/", typed)
