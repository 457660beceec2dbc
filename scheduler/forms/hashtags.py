"""The form of a group of hashtags."""

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from scheduler.instagram import limits
from scheduler.models import HashtagGroup, User


class HashtagsField(forms.CharField):
    """Hashtags with or without #, separated by spaces, commas or lines."""

    widget = forms.Textarea

    def prepare_value(self, value: Any) -> Any:
        """Show a kept list as it stands in a caption."""
        return " ".join(f"#{hashtag}" for hashtag in value) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[str]:
        """Return the hashtags without #, each once; what Instagram reads as none is named."""
        words = super().clean(value).replace(",", " ").replace("#", " ").split()
        hashtags = list({word.casefold(): word for word in words}.values())
        wrong = next((word for word in hashtags if limits.hashtags(f"#{word}") != [word]), None)
        if wrong is not None:
            told = _("“%(word)s” is no hashtag. Use letters, digits and _ only, with at least one letter.")
            raise forms.ValidationError(told % {"word": wrong[:60]})
        if len(hashtags) > limits.HASHTAGS:
            raise forms.ValidationError(_("At most %(n)s hashtags fit in a post.") % {"n": limits.HASHTAGS})
        return hashtags


class HashtagGroupForm(forms.Form):
    """A name and its hashtags."""

    name = forms.CharField(label=_lazy("Name"), max_length=60)
    hashtags = HashtagsField(
        label=_lazy("Hashtags"),
        help_text=_lazy("With or without #, separated by spaces."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, data: QueryDict | None = None, *, user: User, group: HashtagGroup | None = None) -> None:
        self.group = group or HashtagGroup(user=user)
        initial = {"name": self.group.name, "hashtags": self.group.hashtags} if group else {}
        super().__init__(data, initial=initial)

    def clean_name(self) -> str:
        """Refuse a name that another group of the person has."""
        name = self.cleaned_data["name"]
        others = HashtagGroup.objects.filter(user=self.group.user).exclude(pk=self.group.pk)
        if others.filter(name__iexact=name).exists():
            raise forms.ValidationError(_("You have a group with this name. Choose another name."))
        return name

    def save(self) -> HashtagGroup:
        """Write the group."""
        self.group.name, self.group.hashtags = self.cleaned_data["name"], self.cleaned_data["hashtags"]
        self.group.save()
        return self.group
