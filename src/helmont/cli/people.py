"""Accounts and roles from the command line: the way in on a new installation."""

from __future__ import annotations

import click

from helmont.cli.setup import home_option, prepare_database, with_django
from helmont.core.roles import ROLES


@click.group()
def people() -> None:
    """People: accounts, roles and passwords."""


@people.command("list")
@home_option
@with_django
def list_people() -> None:
    """List the accounts and what each was assigned."""
    from helmont.core.people.models import Assignment, Person

    prepare_database()
    for person in Person.objects.order_by("handle"):
        standing = "" if person.active else "  (closed)"
        click.echo(f"{person.handle:<24} {person.name} <{person.email}>{standing}")
        for assignment in Assignment.objects.filter(person=person.handle).order_by("key"):
            place = assignment.site or assignment.country or "everywhere"
            period = f"{assignment.starts or '…'} to {assignment.ends or '…'}"
            click.echo(f"{'':<24} {assignment.role} in {assignment.study} at {place}, {period}")


@people.command()
@click.argument("handle")
@click.argument("name")
@click.option("--email", default="", help="Address; needed to reset a password or sign in by single sign-on.")
@click.option("--language", default="en", type=click.Choice(["en", "nl", "fr", "de"]), show_default=True)
@click.option("--timezone", default="Europe/Brussels", show_default=True)
@click.password_option(help="The first password; asked for when it is not given.")
@home_option
@with_django
def add(handle: str, name: str, email: str, language: str, timezone: str, password: str) -> None:
    """Add an account: HANDLE is the name in the ledger (els.peeters), NAME the person's own."""
    from helmont.core.people.actions import CreatePerson
    from helmont.core.people.queries import load_actor
    from helmont.core.permissions import service
    from helmont.core.writer import perform

    prepare_database()
    perform(CreatePerson(handle, name, email, language, timezone), service("command-line", "system"))
    _set_password(handle, password)
    click.echo(
        f"{load_actor(handle).handle} can sign in; assign a role: helmont people assign {handle} ROLE --study STUDY"
    )


@people.command()
@click.argument("handle")
@click.argument("role", type=click.Choice(sorted(ROLES)), metavar="ROLE")
@click.option("--study", required=True, help="The study's id; * for every study; system for the installation.")
@click.option("--site", default="", help="A site's number; empty for every site.")
@click.option("--country", default="", help="A country (ISO 3166); empty for every country.")
@click.option("--from", "starts", default="", help="First day, 2026-11-22; empty for today.")
@click.option("--until", "ends", default="", help="Last day; empty for no end.")
@home_option
@with_django
def assign(handle: str, role: str, study: str, site: str, country: str, starts: str, ends: str) -> None:
    """Give HANDLE a ROLE in a study, at a site or in a country, for a period."""
    from helmont.core.people.assignments import AssignRole
    from helmont.core.permissions import service
    from helmont.core.writer import perform

    prepare_database()
    action = AssignRole(handle, role, study, country=country, site=site, starts=starts, ends=ends)
    perform(action, service("command-line", "system"))
    click.echo(f"{handle} is {role} in {study}")


@people.command()
@click.argument("handle")
@click.password_option(help="The new password; asked for when it is not given.")
@home_option
@with_django
def password(handle: str, password: str) -> None:
    """Set the password of HANDLE."""
    prepare_database()
    _set_password(handle, password)
    click.echo(f"the password of {handle} is set")


def _set_password(handle: str, secret: str) -> None:
    from django.contrib.auth.password_validation import validate_password
    from django.core.exceptions import ValidationError

    from helmont.core.people.actions import SetPassword
    from helmont.core.people.queries import load_actor
    from helmont.core.writer import perform

    try:
        validate_password(secret)
    except ValidationError as error:
        raise click.ClickException(" ".join(error.messages)) from error
    perform(SetPassword.to(handle, secret), load_actor(handle))
