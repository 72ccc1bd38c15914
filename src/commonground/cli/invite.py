"""A one-time link for somebody who works here, or who has lost the way in."""

import argparse
import sys

HELP = "make a one-time link that opens an account; with --role, make the account or give it the role"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("email", metavar="EMAIL", help="the address of the account")
    parser.add_argument("--name", default="", help="the person's name, for a new account")
    parser.add_argument("--role", help="the role that the account holds from today, such as coordinator")
    parser.add_argument("--forget-second-step", action="store_true", help="for somebody who has lost phone and codes")
    parser.add_argument("--at", metavar="STATE_ID", help="the district or school of the role; else the collaborative")


def run(arguments: argparse.Namespace) -> int:
    from commonground.cli._site import setup

    setup()
    from django.conf import settings
    from django.urls import reverse
    from django.utils import timezone

    from commonground.apps.core.actions import AddressTaken, RoleMisplaced, forget_second_step, give_role, invite
    from commonground.apps.core.models import Organization, Person
    from commonground.apps.core.roles import ROLES
    from commonground.store.database import as_migrator

    now = timezone.now()
    if arguments.role and arguments.role not in ROLES:
        print(f"There is no role called {arguments.role}. There are: {', '.join(ROLES)}.", file=sys.stderr)
        return 1
    with as_migrator():
        if arguments.role:
            place = {"state_id": arguments.at} if arguments.at else {"kind": Organization.Kind.COLLABORATIVE}
            organization = Organization.objects.filter(**place).order_by("name").first()
            if organization is None:
                print(f"No organization here has the id {arguments.at}.", file=sys.stderr)
                return 1
            try:
                person = give_role(
                    email=arguments.email,
                    name=arguments.name,
                    role=ROLES[arguments.role],
                    organization=organization,
                    now=now,
                )
            except (RoleMisplaced, AddressTaken) as misplaced:
                print(misplaced, file=sys.stderr)
                return 1
        else:
            found = Person.objects.filter(email__iexact=arguments.email).first()
            if found is None:
                print("No account has this address. Give --role to make one.", file=sys.stderr)
                return 1
            person = found
        if arguments.forget_second_step:
            forget_second_step(person=person)
        token = invite(person=person, now=now)
    print(f"{settings.PUBLIC_ADDRESS}{reverse('core:open-link', args=[token])}")
    return 0
