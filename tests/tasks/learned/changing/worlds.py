"""Small applications as data: what their pages hold, and what has to be pressed and typed for the task."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Literal, NamedTuple

from actions.geometry import Size

Kind = Literal["button", "link", "div", "icon", "field", "box"]
Layout = Literal["form", "table", "cards", "bar", "canvas"]
Host = Literal["page", "shadow", "frame"]


class Thing(NamedTuple):
    """Something that can be pressed."""

    key: str
    """What it means, whatever it looks like; pressing it is right if this is the next expected key."""
    words: str
    kind: Kind = "button"
    goes: int | None = None
    """The page that it opens."""
    says: str = ""
    """What the page says once it was pressed."""
    value: str = ""
    on: bool = False
    labelled: bool = True
    """Whether an icon has an accessible name."""
    disabled: bool = False


class Row(NamedTuple):
    """A line of a table, a card, or the only line of a form or bar."""

    name: str
    cells: tuple[str, ...]
    things: tuple[Thing, ...]


class Block(NamedTuple):
    """A section of a page."""

    heading: str
    layout: Layout
    rows: tuple[Row, ...]
    host: Host = "page"


class Theme(NamedTuple):
    """Colours and letters."""

    ground: str = "#ffffff"
    ink: str = "#1c1c1c"
    accent: str = "#1f5fbf"
    family: str = "DejaVu Sans, sans-serif"
    size: int = 15
    radius: int = 4


class Extra(NamedTuple):
    """What lies over or before one page."""

    kind: Literal["dialog", "modal", "cover", "glass", "banner", "late banner", "late"]
    words: str = ""
    things: tuple[Thing, ...] = ()


@dataclass(frozen=True)
class World:
    """An application in one state, and the task in it."""

    name: str
    pages: tuple[tuple[Block, ...], ...]
    task: str
    expected: tuple[str, ...]
    """The keys of what is pressed, in order; `enter KEY` for the key Enter in a field."""
    typed: dict[str, str] = field(default_factory=dict)
    """What is typed into the field of each key, after it was pressed."""
    theme: Theme = field(default_factory=Theme)
    viewport: Size = Size(1000, 700)
    indent: int = 24
    above: int = 0
    """The height of a picture before the blocks of every page."""
    sideways: bool = False
    """Whether the blocks stand side by side."""
    extras: tuple[tuple[int, Extra], ...] = ()
    """For pages by number."""

    def thing(self, key: str) -> Thing | None:
        """The thing of this key, if there is one."""
        all_things = (each for page in self.pages for block in page for row in block.rows for each in row.things)
        return next((each for each in all_things if each.key == key), None)

    def page_of(self, key: str) -> int:
        """The number of the page on which this key is."""
        return next(
            number
            for number, page in enumerate(self.pages)
            if any(each.key == key for block in page for row in block.rows for each in row.things)
        )

    def mapped(self, change: Callable[[Block], Block | None]) -> "World":
        """This world with each block changed; None removes it."""
        changed = (tuple(new for block in page if (new := change(block)) is not None) for page in self.pages)
        return replace(self, pages=tuple(changed))


PEOPLE = (
    "Anna Meyer",
    "Bert Olsen",
    "Carla Ruiz",
    "David Stone",
    "Emma Brandt",
    "Farid Noor",
    "Greta Lind",
    "Hugo Wolf",
)
GOODS = ("Desk lamp", "Wall clock", "Tea kettle", "Oak stool", "Wool blanket", "Hand mirror", "Bread box", "Coat rack")
ICONS = ("bin", "box", "star", "flag", "plus", "arrow")


def _mail(name: str) -> str:
    return f"{name.split()[0].lower()}@example.org"


def contacts(draw: random.Random) -> World:
    """A table whose rows all have the same buttons."""
    people = draw.sample(PEOPLE, 5)
    chosen = draw.choice(people)
    rows = tuple(
        Row(
            who,
            (who, _mail(who)),
            (Thing(f"edit {who}", "Edit"), Thing(f"delete {who}", "Delete", says=f"{who} was deleted.")),
        )
        for who in people
    )
    tools = Row("", (), (Thing("import", "Import"), Thing("export", "Export")))
    pages = ((Block("Contacts", "table", rows), Block("File", "bar", (tools,))),)
    return World("contacts", pages, f"Delete {chosen}.", (f"delete {chosen}",))


def settings(draw: random.Random) -> World:
    """Two forms with the same fields and buttons."""
    names = draw.sample(("Shipping address", "Billing address", "Office address"), 2)
    chosen = draw.choice(names)
    blocks = tuple(
        Block(
            name,
            "form",
            (
                Row(
                    "",
                    (),
                    (
                        Thing(f"city {name}", "City", "field"),
                        Thing(f"street {name}", "Street", "field"),
                        Thing(f"cancel {name}", "Cancel"),
                        Thing(f"save {name}", "Save", says=f"The {name.lower()} was saved."),
                    ),
                ),
            ),
        )
        for name in names
    )
    return World(
        "settings",
        (blocks,),
        f"Enter the street Elm Road 7 as {chosen.lower()}.",
        (f"street {chosen}", f"save {chosen}"),
        {f"street {chosen}": "Elm Road 7"},
    )


def shop(draw: random.Random) -> World:
    """Cards with the same button, and the cart's page."""
    goods = draw.sample(GOODS, 6)
    chosen = draw.choice(goods)
    cards = tuple(
        Row(each, (f"{draw.randint(9, 90)} €",), (Thing(f"add {each}", "Add to cart", goes=1),)) for each in goods
    )
    pay = Row("", (), (Thing("pay", "Pay now", says="Thank you for your order."), Thing("empty", "Empty cart")))
    pages = ((Block("Shop", "cards", cards),), (Block("Cart", "bar", (pay,)),))
    return World("shop", pages, f"Buy the {chosen.lower()}.", (f"add {chosen}", "pay"))


def mail(draw: random.Random) -> World:
    """Links to messages, and a message's page."""
    numbers = draw.sample(range(1000, 1100), 6)
    subjects = [f"Invoice {number}" for number in numbers]
    chosen = draw.choice(subjects)
    rows = tuple(Row(each, (draw.choice(PEOPLE),), (Thing(f"open {each}", each, "link", goes=1),)) for each in subjects)
    tools = Row(
        "", (), tuple(Thing(each.lower(), each, says=f"{each}: done.") for each in ("Reply", "Archive", "Delete"))
    )
    pages = ((Block("Inbox", "table", rows),), (Block("Message", "bar", (tools,)),))
    return World("mail", pages, f"Archive {chosen}.", (f"open {chosen}", "archive"))


def icons(draw: random.Random) -> World:
    """A bar of icons without words; half of them have an accessible name."""
    labelled = draw.random() < 0.5
    shown = draw.sample(ICONS, 5)
    chosen = draw.choice(shown)
    bar = tuple(Thing(each, each, "icon", says="The document was changed.", labelled=labelled) for each in shown)
    lines = tuple(Row(each, (each, f"{draw.randint(2, 40)} pages"), ()) for each in ("Report", "Minutes", "Budget"))
    pages = ((Block("Document", "bar", (Row("", (), bar),)), Block("Others", "table", lines)),)
    return World("icons", pages, f"Use the {chosen} on the document.", (chosen,))


def drawn(draw: random.Random) -> World:
    """Buttons on a canvas."""
    numbers = draw.sample(range(10, 99), 6)
    rows = (Row("", (), tuple(Thing(f"room {each}", f"Room {each}", says="Booked.") for each in numbers)),)
    return World(
        "drawn", ((Block("Floor plan", "canvas", rows),),), f"Book room {numbers[2]}.", (f"room {numbers[2]}",)
    )


def options(draw: random.Random) -> World:
    """Boxes to tick, and a button for all."""
    names = draw.sample(("Newsletter", "Reminders", "Weekly report", "Beta features", "Sounds", "Backups"), 5)
    chosen = draw.choice(names)
    boxes = tuple(Row(each, (), (Thing(each, each, "box"),)) for each in names)
    apply = Row("", (), (Thing("reset", "Reset"), Thing("apply", "Apply", says="The options were applied.")))
    pages = ((Block("Options", "cards", boxes), Block("", "bar", (apply,))),)
    return World("options", pages, f"Turn on {chosen.lower()}.", (chosen, "apply"))


def search(draw: random.Random) -> World:
    """A field and its results' page."""
    goods = draw.sample(GOODS, 5)
    chosen = draw.choice(goods)
    form = Row("", (), (Thing("query", "Search", "field", goes=1), Thing("go", "Go", goes=1)))
    results = tuple(
        Row(
            each,
            (f"{draw.randint(2, 9)} in stock",),
            (Thing(f"open {each}", each, "link", says=f"{each} was opened."),),
        )
        for each in goods
    )
    pages = ((Block("Stock", "form", (form,)),), (Block("Results", "table", results),))
    return World(
        "search",
        pages,
        f"Search for oak and open {chosen.lower()}.",
        ("query", "enter query", f"open {chosen}"),
        {"query": "oak"},
    )


def tiles(draw: random.Random) -> World:
    """Clickable boxes that are no buttons, as many pages have them."""
    rooms = draw.sample(("Kitchen", "Hall", "Study", "Garage", "Cellar", "Attic", "Porch"), 6)
    chosen = draw.choice(rooms)
    cards = tuple(Row("", (), (Thing(each, f"{each} light", "div", says=f"{each}: light on."),)) for each in rooms)
    return World(
        "tiles", ((Block("Lights", "cards", cards),),), f"Turn on the light in the {chosen.lower()}.", (chosen,)
    )


def parts(draw: random.Random) -> World:
    """Buttons in a frame and in a shadow tree."""
    names = draw.sample(("Card", "Voucher", "Bank transfer"), 2)
    chosen = draw.choice(names)
    hosts: tuple[Host, Host] = ("frame", "shadow") if draw.random() < 0.5 else ("shadow", "frame")
    blocks = tuple(
        Block(
            name,
            "form",
            (
                Row(
                    "",
                    (),
                    (Thing(f"number {name}", "Number", "field"), Thing(f"pay {name}", "Pay", says=f"Paid: {name}.")),
                ),
            ),
            host,
        )
        for name, host in zip(names, hosts, strict=True)
    )
    return World(
        "parts",
        (blocks,),
        f"Pay by {chosen.lower()} 4711.",
        (f"number {chosen}", f"pay {chosen}"),
        {f"number {chosen}": "4711"},
    )


MAKERS: dict[str, Callable[[random.Random], World]] = {
    make.__name__: make for make in (contacts, settings, shop, mail, icons, drawn, options, search, tiles, parts)
}


def original(name: str, seed: int) -> World:
    """The application of this name with the data and the looks of this seed."""
    draw = random.Random(f"{name} {seed}")
    accent = draw.choice(("#1f5fbf", "#0a7d4f", "#8a2be2", "#b3391f"))
    theme = Theme(accent=accent, size=draw.choice((14, 15, 17)), radius=draw.choice((0, 4, 12)))
    return replace(MAKERS[name](draw), theme=theme, indent=draw.choice((16, 24, 60)))
