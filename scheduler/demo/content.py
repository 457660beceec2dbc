"""The sample posts: what two small businesses would plan around today. Captions are theirs, not ours to translate."""

from dataclasses import dataclass, field
from datetime import time

from scheduler.demo import scenes
from scheduler.demo.scenes import Scene

BAKERY, STUDIO = "padaria.aurora", "estudio.lume"
# The times at which people look: morning, lunch, after work.
MORNING, NOON, EVENING = time(9, 0), time(12, 30), time(18, 30)
PHOTO, CAROUSEL, REEL, STORY = "IMAGE", "CAROUSEL", "REELS", "STORY"
SQUARE, PORTRAIT, FULL = (1080, 1080), (1080, 1350), (1080, 1920)

ALT_TEXTS: dict[Scene, str] = {
    scenes.loaves: "Dois pães redondos numa tábua, com um vaso de trigo ao fundo.",
    scenes.baguettes: "Quatro baguetes lado a lado sobre um pano de linho.",
    scenes.coffee: "Uma xícara de café na luz da manhã, com um ramo verde num vaso.",
    scenes.breakfast: "Um croissant num prato, um cappuccino e mirtilos, vistos de cima.",
    scenes.croissants: "Croissants em fileiras numa assadeira escura.",
    scenes.wheat_field: "Espigas de trigo diante do sol baixo.",
    scenes.shelves: "Duas prateleiras com pães, geleias e um vaso.",
    scenes.oranges: "Frutas numa tigela sobre a mesa.",
    scenes.branch_in_vase: "A leafy branch in a vase before a painted arch.",
    scenes.pendants: "Three lit pendant lamps above a table.",
    scenes.pedestals: "A vase of dry grass and plain spheres on pedestals.",
    scenes.hills: "Hills behind hills in the last light of the day.",
    scenes.window_and_grasses: "Dry grasses in a white vase, in the light of a window.",
    scenes.gallery: "Three framed prints on a wall.",
    scenes.lamp_at_dusk: "A lit lamp on a sideboard in the evening.",
    scenes.leaves: "Large green leaves, close by.",
    scenes.candles: "Three burning candles on a dark table.",
}


@dataclass(frozen=True)
class Sample:
    """One post. day: counted from today, negative ones were published; None makes a draft without a time.

    scenes: what its pictures show, each with the number of a palette. ends: how it ended, when not as planned.
    """

    account: str
    day: int | None
    at: time
    caption: str
    shows: tuple[tuple[Scene, int], ...]
    kind: str = PHOTO
    size: tuple[int, int] = PORTRAIT
    comment: str = ""
    ends: str = ""
    options: dict[str, object] = field(default_factory=dict)


def _bakery(day: int | None, at: time, scene: Scene, palette: int, caption: str, **more: object) -> Sample:
    return Sample(BAKERY, day, at, caption, ((scene, palette),), **more)  # type: ignore[arg-type]


def _studio(day: int | None, at: time, scene: Scene, palette: int, caption: str, **more: object) -> Sample:
    return Sample(STUDIO, day, at, caption, ((scene, palette),), **more)  # type: ignore[arg-type]


BAKERY_POSTS = (
    _bakery(
        -15,
        MORNING,
        scenes.wheat_field,
        0,
        "Tudo começa aqui. Nossa farinha vem de um moinho pequeno do Paraná, moída nesta semana.\n\n#padaria #trigo",
    ),
    _bakery(
        -13,
        MORNING,
        scenes.loaves,
        0,
        "Saiu agora! Pão de fermentação natural, 24 horas de descanso e casca que canta quando esfria. "
        "Quem mora perto já sabe: às 10h costuma acabar.\n\n#fermentaçãonatural #pãoartesanal",
        comment="Reservas pelo direct até as 8h30.",
    ),
    _bakery(
        -12,
        NOON,
        scenes.oranges,
        4,
        "Laranja-baía da feira de sexta: virou geleia, virou recheio de brioche e virou o cheiro da cozinha inteira.",
        size=SQUARE,
    ),
    Sample(
        BAKERY,
        -10,
        MORNING,
        "Três manhãs, três mesas. Qual delas é a sua?\n\n"
        "1. Café coado e silêncio\n2. Croissant e jornal\n3. Pão na chapa e conversa",
        ((scenes.coffee, 3), (scenes.breakfast, 1), (scenes.loaves, 2)),
        CAROUSEL,
        SQUARE,
    ),
    _bakery(
        -8,
        EVENING,
        scenes.baguettes,
        2,
        "Baguete da tarde, terceira fornada. A de hoje pede manteiga com sal e mais nada.",
        size=SQUARE,
    ),
    _bakery(
        -6,
        MORNING,
        scenes.shelves,
        4,
        "Prateleira cheia é o nosso jeito de dizer bom dia. Bom dia!\n\n#bomdia #padariadebairro",
    ),
    _bakery(
        -5,
        NOON,
        scenes.coffee,
        0,
        "O café da casa mudou: agora é um catuaí amarelo da serra da Mantiqueira, torra clara. "
        "Venha provar, a primeira xícara é por nossa conta até domingo.",
        comment="Válido das 7h às 11h.",
    ),
    _bakery(
        -3,
        MORNING,
        scenes.croissants,
        5,
        "27 camadas, três dias, nenhuma pressa. Croissant de manteiga aos sábados e domingos, só até acabar.\n\n"
        "#croissant #folhado",
        size=SQUARE,
    ),
    _bakery(-1, MORNING, scenes.breakfast, 2, "Domingo tem mesa na calçada. Traga o cachorro, a avó e a fome."),
    _bakery(-1, EVENING, scenes.loaves, 4, "", kind=STORY, size=FULL),
    _bakery(
        -2,
        NOON,
        scenes.wheat_field,
        4,
        "Bastidores: o campo que a gente visitou na semana passada. Foto em pé, do jeito que saiu do celular.",
        size=FULL,
        ends="failed",
    ),
    _bakery(
        0,
        NOON,
        scenes.oranges,
        1,
        "Geleia nova na prateleira: laranja com cardamomo. São só 40 potes.",
        ends="held",
    ),
    _bakery(
        0,
        EVENING,
        scenes.baguettes,
        0,
        "Última fornada do dia às 18h30. Passe na volta do trabalho, a gente guarda a sua bem quentinha.",
        size=SQUARE,
    ),
    _bakery(
        1,
        MORNING,
        scenes.loaves,
        2,
        "Pão de centeio com mel e nozes. Um pedaço dura a semana inteira. Na teoria.\n\n#centeio #pãoartesanal",
        comment="Contém nozes e mel.",
    ),
    _bakery(
        2,
        NOON,
        scenes.coffee,
        1,
        "Pausa do meio-dia: café passado na hora e o bolo de fubá que sobrou do sábado. Não conte para ninguém.",
    ),
    Sample(
        BAKERY,
        3,
        MORNING,
        "Como nasce um croissant: a manteiga, a dobra, a espera, o forno. Deslize e depois venha buscar o seu.",
        ((scenes.croissants, 0), (scenes.breakfast, 3)),
        CAROUSEL,
        SQUARE,
    ),
    Sample(
        BAKERY,
        5,
        EVENING,
        "Quinze segundos? Quatro bastam. O vapor do primeiro café do dia.\n\n#café #reels",
        ((scenes.coffee, 3),),
        REEL,
        FULL,
        options={"share_to_feed": True, "audio_name": "Aurora de manhã cedo", "thumb_offset": 2600},
    ),
    _bakery(
        6,
        MORNING,
        scenes.shelves,
        1,
        "Segunda fechamos para descansar a massa e a equipe. Terça a gente volta às 7h com tudo.",
        size=SQUARE,
    ),
    _bakery(
        7,
        MORNING,
        scenes.breakfast,
        6,
        "For our neighbours who read this in English: the almond croissants are back, every weekday from seven.",
    ),
    _bakery(
        9,
        NOON,
        scenes.oranges,
        2,
        "Pêssego, ameixa, nectarina. A torta de frutas muda conforme a feira. Esta semana, a sua preferida.",
        size=SQUARE,
    ),
    _bakery(
        11,
        MORNING,
        scenes.wheat_field,
        2,
        "Dez anos de Aurora neste mês. Obrigada por cada bom dia, cada troco em moedas, cada fila na chuva.",
    ),
    _bakery(
        13,
        MORNING,
        scenes.loaves,
        1,
        "Oficina de fermento natural: sábado, das 15h às 18h, oito lugares. Você sai com o seu levain num potinho.",
        comment="Inscrições no balcão ou pelo link da bio.",
    ),
    _bakery(None, MORNING, scenes.coffee, 4, "Ideia: série com os clientes mais antigos. Começar pela Dona Célia?"),
    _bakery(None, NOON, scenes.shelves, 2, "Cardápio de Natal (falta confirmar os preços do panetone de figo)."),
)

STUDIO_POSTS = (
    _studio(
        -14,
        EVENING,
        scenes.hills,
        0,
        "Chased the last ten minutes of light up to the ridge. Worth every step.\n\n#goldenhour #landscape",
    ),
    _studio(
        -11,
        NOON,
        scenes.branch_in_vase,
        1,
        "A branch, a vase, a north window. Some days the brief is that short.\n\n#naturallight #stilllife",
    ),
    _studio(
        -10,
        EVENING,
        scenes.pendants,
        7,
        "Lighting test for a small restaurant: three lamps, three heights. We kept all three.",
        comment="Lamps by a friend with a kiln and a lot of patience.",
    ),
    _studio(
        -9,
        NOON,
        scenes.gallery,
        6,
        "Impressões novas na parede do estúdio: tiragem de 25, papel de algodão, assinadas no verso.",
        size=SQUARE,
    ),
    Sample(
        STUDIO,
        -7,
        NOON,
        "One table, one afternoon, three moods. Swipe through the light.",
        ((scenes.window_and_grasses, 3), (scenes.lamp_at_dusk, 0), (scenes.candles, 5)),
        CAROUSEL,
        PORTRAIT,
        comment="Shot between 2 pm and 8 pm without moving the camera.",
    ),
    _studio(
        -6,
        EVENING,
        scenes.leaves,
        1,
        "Green, and then some more green. From the botanical series we are printing this month.",
        size=SQUARE,
    ),
    Sample(
        STUDIO,
        -4,
        EVENING,
        "Four seconds of sunrise, for whoever slept in.\n\n#sunrise #reels",
        ((scenes.hills, 4),),
        REEL,
        FULL,
        options={"share_to_feed": True, "audio_name": "First light", "thumb_offset": 3400},
    ),
    _studio(
        -3,
        NOON,
        scenes.pedestals,
        2,
        "Colour study no. 8: clay, olive, chalk. No retouching, only patience and a large sheet of paper.",
    ),
    _studio(
        -2,
        EVENING,
        scenes.window_and_grasses,
        0,
        "A luz das quatro da tarde não avisa: você larga o café e corre.\n\n#luznatural",
    ),
    _studio(-1, NOON, scenes.lamp_at_dusk, 4, "Blue hour outside, amber hour inside.", size=SQUARE),
    _studio(
        1,
        NOON,
        scenes.candles,
        7,
        "Everything in this picture is lit by three candles and one very steady tripod.\n\n#lowlight #stilllife",
        comment="1/4 s, f/2.8, and nobody breathing.",
    ),
    _studio(
        2, EVENING, scenes.hills, 1, "Fog, then hills, then more hills. Print of the month, link in bio.", size=SQUARE
    ),
    _studio(
        3, NOON, scenes.pedestals, 3, "Catalogue week: forty ceramics, one backdrop, a playlist that only knew samba."
    ),
    _studio(
        4,
        EVENING,
        scenes.branch_in_vase,
        4,
        "Oliveira, argila, sombra. O ensaio completo sai no domingo.",
        size=SQUARE,
    ),
    Sample(
        STUDIO,
        6,
        NOON,
        "Before the client arrives, after the client leaves. The same corner of the studio, twice.",
        ((scenes.gallery, 1), (scenes.pendants, 0)),
        CAROUSEL,
        PORTRAIT,
    ),
    _studio(7, EVENING, scenes.leaves, 3, "Monstera, or how to photograph a plant as if it were architecture."),
    _studio(8, EVENING, scenes.window_and_grasses, 6, "", kind=STORY, size=FULL),
    _studio(
        9,
        NOON,
        scenes.lamp_at_dusk,
        6,
        "Workshop em dezembro: luz de janela para quem fotografa com o celular. Seis vagas, café incluído.",
        comment="Dúvidas? Pergunte aqui embaixo.",
    ),
    _studio(
        11, EVENING, scenes.pendants, 4, "The restaurant opened. Our three lamps look right at home.", size=SQUARE
    ),
    _studio(
        14,
        NOON,
        scenes.branch_in_vase,
        6,
        "Slow season, long shadows. We have two free weeks in January: write to us.",
    ),
    _studio(10, NOON, scenes.gallery, 3, "Mercado de gravuras no sábado.", size=SQUARE, ends="cancelled"),
    _studio(None, NOON, scenes.candles, 2, "Year in pictures: choose twelve, then argue about it over lunch."),
)
SAMPLES = BAKERY_POSTS + STUDIO_POSTS


@dataclass(frozen=True)
class Idea:
    """One idea of the bank. status: of `PostIdea.Status`; used ones are linked with the first post of `account`."""

    title: str
    notes: str = ""
    tags: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    status: str = "new"
    account: str = ""


IDEAS = (
    Idea(
        "Bastidores da fornada das 4h",
        "Vídeo curto: forno abrindo, vapor, primeira mordida. Pedir para a Rita filmar na vertical.",
        ("padaria", "reels"),
    ),
    Idea(
        "Pão do mês: centeio com mel",
        "Receita da vó, foto do corte, convite para provar no sábado.",
        ("padaria", "cardápio"),
    ),
    Idea("Before and after: the loft on Rua Augusta", "Ask the client for the old photos first.", ("studio",)),
    Idea(
        "Three lamps under 200",
        "Carousel: pendant, table, floor. Price on the last picture.",
        ("studio", "carousel"),
        ("https://example.com/lamps",),
        "in_work",
    ),
    Idea("Perguntas que sempre fazem no balcão", "Uma pergunta por story.", ("padaria", "stories"), (), "in_work"),
    Idea("Colours of the dry garden", "Palette, three pictures, no people.", ("studio",), (), "used", STUDIO),
)
# When each account likes to post: weekdays from Monday (0), with their times.
POSTING_TIMES = {
    BAKERY: {weekday: [MORNING] for weekday in range(6)} | {4: [MORNING, EVENING]},
    STUDIO: {1: [NOON], 3: [NOON, EVENING], 5: [EVENING]},
}
HASHTAG_GROUPS = {
    "Padaria": ["padaria", "pãoartesanal", "fermentaçãonatural", "cafédamanhã"],
    "Studio": ["interiors", "naturallight", "slowliving"],
}
