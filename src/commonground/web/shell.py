"""What the frame around a page needs to know. The apps fill it in; the templates only read it."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Noun:
    """One entry of the navigation.

    key: stable name ("today"). label: the word on the screen. icon: a name of the sprite ("sun").
    count: how many things wait there; 0 shows nothing.
    """

    key: str
    label: str
    url: str
    icon: str
    current: bool = False
    count: int = 0


@dataclass(frozen=True)
class Shell:
    """The frame of a signed-in page, given to every template as `shell`.

    language: BCP 47 code of the page. An empty address hides its link.
    nouns: in the order of the role; phones show the first four and put the rest under More.
    emergency: a sentence on every page while somebody outside looks at records in an emergency; "" shows nothing.
    is_family: one column without a rail. demonstration: the banner "invented people" is shown.
    """

    person_name: str
    role_title: str
    organization_name: str
    nouns: tuple[Noun, ...] = field(default=())
    is_family: bool = False
    demonstration: bool = False
    emergency: str = ""
    language: str = "en"
    home_url: str = "/"
    account_url: str = ""
    sign_out_url: str = ""
    search_url: str = ""

    @property
    def frame(self) -> str:
        """The base page for this person: `{% extends shell.frame %}` where several kinds of people read one page."""
        if self.is_family:
            return "web/base_family.html"
        return "web/base.html" if self.person_name else "web/base_signed_out.html"

    @property
    def first_nouns(self) -> tuple[Noun, ...]:
        """The nouns a phone shows in its bottom bar."""
        return self.nouns[:4]

    @property
    def more_nouns(self) -> tuple[Noun, ...]:
        """The nouns a phone shows under More."""
        return self.nouns[4:]

    @property
    def initials(self) -> str:
        """One or two letters for the round badge."""
        return initials(self.person_name)


def initials(name: str) -> str:
    """First letters of the first and last word of a name, in capitals; empty for an empty name.

    >>> initials("Hodan Abdi")
    'HA'
    """
    words = name.split()
    ends = words if len(words) < 2 else [words[0], words[-1]]
    return "".join(word[0] for word in ends).upper()
