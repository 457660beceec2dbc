"""The columns of a file of posts: what each is called in both languages, and what people call it besides."""

import unicodedata
from collections.abc import Sequence

# What can be read: name → (English, Portuguese, further names in both).
READ = {
    "account": ("Account", "Conta", "username", "profile", "instagram", "instagram account", "perfil", "usuario"),
    "date": ("Date", "Data", "day", "dia", "scheduled date", "publish date", "data de publicacao"),
    "time": ("Time", "Hora", "hour", "horario", "scheduled time", "publish time"),
    "moment": ("Date and time", "Data e hora", "datetime", "date time", "scheduled for", "scheduled at", "publish at",
               "agendada para", "agendado para"),
    "timezone": ("Time zone", "Fuso horário", "timezone", "zone", "tz", "fuso"),
    "media_type": ("Type", "Tipo", "media type", "post type", "format", "formato", "tipo de midia"),
    "caption": ("Caption", "Legenda", "text", "message", "content", "texto", "mensagem", "conteudo", "copy"),
    "first_comment": ("First comment", "Primeiro comentário", "comment", "comentario"),
    "media": ("Media", "Mídia", "media url", "media urls", "url", "urls", "image", "images", "image url", "video",
              "video url", "files", "file", "midias", "imagem", "imagens", "arquivo", "arquivos"),
    "alt_texts": ("Alt texts", "Textos alternativos", "alt text", "alt", "texto alternativo"),
    "shapes": ("Shapes", "Formas", "shape", "crop"),
    "people": ("Tagged people", "Pessoas marcadas", "user tags", "tags", "tagged", "marcacoes", "pessoas"),
    "location": ("Location", "Localização", "place", "location id", "local", "lugar"),
    "location_name": ("Location name", "Nome do local", "place name"),
    "collaborators": ("Collaborators", "Colaboradores", "collabs", "collaborator", "collab", "colaborador"),
    "share_to_feed": ("Show reel in feed", "Mostrar reel no feed", "share to feed"),
    "audio_name": ("Audio name", "Nome do áudio", "audio"),
    "trial_reel": ("Trial reel", "Reel de teste", "trial"),
    "cover": ("Cover", "Capa", "thumb offset", "cover url"),
    "notes": ("Notes", "Notas", "note", "internal notes", "nota", "anotacoes", "observacoes"),
    "status": ("Status", "Status", "state", "estado", "situacao"),
}  # fmt: skip
# What is only told.
TOLD = {
    "utc": ("Time (UTC)", "Horário (UTC)"),
    "permalink": ("Link on Instagram", "Link no Instagram"),
    "published_at": ("Published (UTC)", "Publicada (UTC)"),
    "last_error": ("Last error", "Último erro"),
    "reason": ("Reason", "Motivo"),
}
ALL = READ | TOLD
# The columns of an export, in their order.
EXPORTED = [name for name in (*READ, *TOLD) if name not in {"moment", "reason"}]


def plain(words: str) -> str:
    """Return a heading without capitals, accents and marks."""
    letters = unicodedata.normalize("NFKD", words.casefold().replace("_", " ").replace("-", " "))
    return " ".join("".join(one for one in letters if one.isalnum() or one.isspace()).split())


_KNOWN = {plain(name): key for key, names in ALL.items() for name in (key, *names)}


def heading(name: str, language: str) -> str:
    """Return what a column is called in a language."""
    return ALL[name][1 if language.startswith("pt") else 0]


def separator_for(language: str) -> str:
    """Return what Excel expects between cells where that language is spoken."""
    return ";" if language.startswith("pt") else ","


def guessed(headings: Sequence[str]) -> list[str]:
    """Return for each heading the column it names, "" for none; of two that name the same, the first has it."""
    found: list[str] = []
    for one in headings:
        name = _KNOWN.get(plain(one), "")
        found.append("" if name in found else name)
    return found
