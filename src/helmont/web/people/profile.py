"""One's own account: language, time zone, passkeys and codes, access tokens; and the page an invitation leads to."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from helmont.core.people.accounts import WEB, person_for_password, set_password
from helmont.core.people.actions import ChangeProfile, CreateToken, RevokeToken, new_secret
from helmont.core.people.models import Person, Token
from helmont.core.people.queries import staff
from helmont.core.permissions import Actor
from helmont.core.signatures.credentials import methods
from helmont.core.writer import perform
from helmont.web.people import access
from helmont.web.people.forms import PasswordForm, ProfileForm, TokenForm
from helmont.web.people.views import carry_out


@access.dialog
@access.person_view
def profile(request: HttpRequest, actor: Actor) -> HttpResponse:
    own = Person.objects.get(handle=actor.handle)
    form = ProfileForm(request.POST or None, initial={"language": own.language, "timezone": own.timezone})
    if form.is_valid() and carry_out(ChangeProfile(actor.handle, **form.cleaned_data), actor, form) is not None:
        messages.success(request, _("Your profile was saved."))
        return redirect("people:profile")
    kinds = [authenticator.type for authenticator in Authenticator.objects.filter(user_id=own.pk)]
    context = {
        "own": own,
        "form": form,
        "assignments": staff(person=actor.handle),
        "passkeys": kinds.count("webauthn"),
        "totp": "totp" in kinds,
        "recovery_codes": "recovery_codes" in kinds,
        "can_sign": methods(own),
        "tokens": Token.objects.filter(person=actor.handle, revoked=False).order_by("key"),
    }
    return render(request, "people/profile.html", context)


@never_cache
@access.dialog
@access.person_view
def new_token(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Make a token; its secret is shown this once."""
    form = TokenForm(request.POST or None, studies=access.study_choices(actor))
    if form.is_valid():
        secret, digest = new_secret(form.cleaned_data.pop("short"))
        data = {**form.cleaned_data, "permissions": tuple(form.cleaned_data["permissions"])}
        if carry_out(CreateToken(actor.handle, digest=digest, **data), actor, form) is not None:
            return render(request, "people/token.html", {"secret": secret, "label": data["label"]})
    context = {"form": form, "title": _("New access token"), "button": _("Create token")}
    return render(request, "people/form.html", context)


@require_POST
@access.person_view
def revoke_token(request: HttpRequest, actor: Actor, key: str) -> HttpResponse:
    perform(RevokeToken(actor.handle, key), actor, source=WEB)
    messages.success(request, _("The token was revoked."))
    return redirect("people:profile")


@login_not_required
@access.dialog
def not_offered(_request: HttpRequest) -> HttpResponse:
    """A page of allauth's that would change an audited row."""
    raise Http404


@login_not_required
@sensitive_post_parameters()
@never_cache
@access.dialog
def password(request: HttpRequest, handle: str, token: str) -> HttpResponse:
    """Where an invitation and a forgotten password lead: set a password, then sign in with it."""
    person = person_for_password(handle, token)
    if person is None:
        return render(request, "people/password_spent.html", status=404)
    form = PasswordForm(person, request.POST or None)
    if form.is_valid():
        set_password(person, form.cleaned_data["new_password1"])
        messages.success(request, _("Your password is set. Sign in with it."))
        return redirect("account_login")
    return render(request, "people/password.html", {"form": form, "shown": person})
