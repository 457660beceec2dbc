"""Forms about people: the first one, and how the pages look to each."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm, SetPasswordMixin
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.utils.translation import gettext_lazy as _

from scheduler.forms.fields import ZoneField
from scheduler.models import User
from scheduler.services import first_person


class SignInForm(AuthenticationForm):
    """Django's, in our words."""

    error_messages = {
        "invalid_login": _("This username and password don't match. Check capital letters too."),
        "inactive": _("This person can't sign in any more. Ask whoever runs Pauta."),
    }


class NewPasswordForm(PasswordChangeForm):
    """Django's, in our words."""

    error_messages = PasswordChangeForm.error_messages | {
        "password_incorrect": _("This is not your current password. Type it again.")
    }


class FirstPersonForm(SetPasswordMixin, forms.Form):
    """The one-time code, and the account it opens."""

    code = forms.CharField(
        label=_("Set-up code"),
        help_text=_("It is printed by the command that started Pauta, and stands in the data folder."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )
    username = forms.CharField(
        label=_("Username"),
        max_length=150,
        validators=[UnicodeUsernameValidator()],
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none"}),
    )
    password1, password2 = SetPasswordMixin.create_password_fields()
    timezone = ZoneField(label=_("Time zone"), initial="UTC")

    def clean_code(self) -> str:
        """Refuse any code but the one of this installation."""
        code = self.cleaned_data["code"]
        if not first_person.check_code(code):
            raise forms.ValidationError(_("This is not the code. Look at it again where Pauta was started."))
        return code

    def clean(self) -> dict[str, Any]:
        """Check the two passwords against each other and against the rules."""
        self.validate_passwords()
        self.validate_password_for_user(User(username=self.cleaned_data.get("username", "")))
        return super().clean() or self.cleaned_data

    def save(self) -> User | None:
        """Make the person; None when somebody was faster."""
        data = self.cleaned_data
        return first_person.make(
            username=data["username"], password=data["password1"], timezone=data["timezone"], language=""
        )


class SettingsForm(forms.ModelForm):
    """Zone, language, weeks, theme and keys."""

    timezone = ZoneField(label=_("Time zone"), help_text=_("Every time on these pages is shown in this zone."))
    language = forms.ChoiceField(
        label=_("Language"), required=False, choices=[("", _("Same as the browser")), *settings.LANGUAGES]
    )

    class Meta:
        model = User
        fields = ("timezone", "language", "first_weekday", "theme", "has_shortcuts")
        widgets = {"theme": forms.RadioSelect}
        help_texts = {"has_shortcuts": _("Single keys open pages and turn the calendar; ? shows them all.")}
