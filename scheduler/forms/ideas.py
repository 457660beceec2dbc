"""The form of an idea: a title, and whatever else is known by now."""

from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.db import transaction
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from scheduler.forms import post_media
from scheduler.forms.fields import FilesField
from scheduler.instagram import limits
from scheduler.models import PostIdea, User

TAG_CHARS, TAGS_MAX, LINKS_MAX = 40, 12, 20


class LinksField(forms.CharField):
    """Addresses, one a line."""

    widget = forms.Textarea

    def prepare_value(self, value: Any) -> Any:
        """Show kept addresses as lines."""
        return "\n".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[str]:
        """Return the addresses; one that no browser opens is named."""
        links = list(dict.fromkeys(line.strip() for line in super().clean(value).splitlines() if line.strip()))
        for link in links:
            if not _is_address(link):
                told = _("“%(link)s” is no address. Write one that starts with http:// or https://.")
                raise forms.ValidationError(told % {"link": link[:80]})
        if len(links) > LINKS_MAX:
            raise forms.ValidationError(_("At most %(n)s links fit here.") % {"n": LINKS_MAX})
        return links


class WordsField(forms.CharField):
    """Tags, separated by commas or lines, with or without #."""

    def prepare_value(self, value: Any) -> Any:
        """Show kept tags as people write them."""
        return ", ".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[str]:
        """Return the tags without #, each once whatever its capitals; too many or too long ones are refused."""
        words = [" ".join(word.split()).lstrip("#") for word in super().clean(value).replace("\n", ",").split(",")]
        names = list({word.casefold(): word for word in words if word}.values())
        long = next((name for name in names if len(name) > TAG_CHARS), None)
        if long:
            raise forms.ValidationError(
                _("“%(tag)s” is too long for a tag. Separate tags by commas.") % {"tag": long}
            )
        if len(names) > TAGS_MAX:
            raise forms.ValidationError(_("At most %(n)s tags fit here.") % {"n": TAGS_MAX})
        return names


class IdeaForm(forms.Form):
    """Everything a person may say about an idea."""

    title = forms.CharField(label=_lazy("Title"), max_length=200)
    notes = forms.CharField(
        label=_lazy("Notes"),
        required=False,
        max_length=10_000,
        help_text=_lazy("They become the caption when you make a post of it."),
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    links = LinksField(
        label=_lazy("Links"),
        required=False,
        help_text=_lazy("One address a line."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    tags = WordsField(label=_lazy("Tags"), required=False, help_text=_lazy("Separated by commas."))
    status = forms.ChoiceField(
        label=_lazy("State"), choices=PostIdea.Status.choices, required=False, widget=forms.RadioSelect
    )
    uploads = FilesField(label=_lazy("Pictures and videos"), required=False)

    def __init__(
        self,
        data: QueryDict | None = None,
        files: MultiValueDict | None = None,
        *,
        user: User,
        idea: PostIdea | None = None,
    ) -> None:
        self.user, self.idea = user, idea
        self.items = _items_of(idea) if data is None else post_media.items_in(data, user, _kept_ids(idea))
        super().__init__(data, files, initial=_values_of(idea) if idea else {"status": PostIdea.Status.NEW})

    def clean(self) -> dict[str, Any]:
        """Take the files in."""
        data = super().clean() or self.cleaned_data
        for refusal in post_media.take(data.get("uploads") or [], self.user, self.items):
            self.add_error("uploads", refusal)
        if len(self._kept) > limits.CAROUSEL_MAX:
            self.add_error("uploads", _("At most %(n)s pictures and videos fit here.") % {"n": limits.CAROUSEL_MAX})
        return data

    @property
    def _kept(self) -> list[post_media.Item]:
        return [item for item in self.items if not item.removed]

    def save(self) -> PostIdea:
        """Write the idea with its tags and media."""
        idea, data = self.idea or PostIdea(user=self.user), self.cleaned_data
        with transaction.atomic():
            idea.title, idea.notes, idea.links = data["title"], data["notes"], data["links"]
            idea.status = data["status"] or idea.status
            idea.save()
            idea.tag_with(data["tags"])
            idea.media.set([item.asset for item in self._kept])
        return idea


def _kept_ids(idea: PostIdea | None) -> set[int]:
    return set(idea.media.values_list("pk", flat=True)) if idea else set()


def _items_of(idea: PostIdea | None) -> list[post_media.Item]:
    assets = idea.media.prefetch_related("renditions") if idea else []
    return [post_media.Item(asset, number) for number, asset in enumerate(assets, start=1)]


def _values_of(idea: PostIdea) -> dict[str, Any]:
    return {
        "title": idea.title,
        "notes": idea.notes,
        "links": idea.links,
        "tags": [tag.name for tag in idea.tags.all()],
        "status": idea.status,
    }


def _is_address(link: str) -> bool:
    try:
        parts = urlsplit(link)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and len(link) <= 2000
