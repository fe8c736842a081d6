"""The samples: the content of each picture, the instruction, and the calls that answer it; half of them in Chinese.

`Sample.lines` is the whole text of a picture; `tasks/functions/draw.py` draws it.
"""

import random
from collections.abc import Callable, Iterator
from typing import NamedTuple

from devices.functions import (
    AddContact,
    AddJourney,
    Function,
    OrderDish,
    RecordExpense,
    RecordFigure,
    RegisterPerson,
)

LANGUAGES = ("en", "zh")
EACH = 6
"""Pictures of each kind in each language."""


class Sample(NamedTuple):
    """One picture, one question."""

    id: str
    kind: str
    language: str
    query: str
    title: str
    lines: tuple[tuple[str, str], ...]
    """The text on the left and on the right."""
    bars: tuple[tuple[str, int], ...]
    """A chart's bars, with their labels."""
    gold: tuple[Function, ...]


class Drawn(NamedTuple):
    """A sample without its name."""

    query: str
    title: str
    lines: tuple[tuple[str, str], ...]
    gold: tuple[Function, ...]
    bars: tuple[tuple[str, int], ...] = ()


Words = dict[str, list[str]]
WORDS: dict[str, Words] = {
    "en": {
        "shop": ["Corner Bakery", "Green Grocer", "Paper & Pen", "Harbour Books", "Tool Shed", "Old Pharmacy"],
        "goods": ["Bread", "Apples", "Notebook", "Novel", "Hammer", "Soap", "Tea", "Batteries"],
        "place": ["Arden", "Belford", "Carrick", "Dunmore", "Elston", "Farham"],
        "name": ["Ada Marsh", "Ben Osei", "Clara Vogt", "Diego Luna", "Eva Lind", "Femi Ade"],
        "company": ["Northwind Ltd", "Atlas Print", "Blue Kite", "Maple Works", "Fjord Energy", "Quarry & Co"],
        "dish": ["Tomato soup", "Grilled trout", "Mushroom pie", "Lentil stew", "Lemon cake", "Rice pudding"],
        "label": ["Jan", "Feb", "Mar", "Apr", "May", "Jun"],
    },
    "zh": {
        "shop": ["街角面包店", "绿叶超市", "文具之家", "海港书店", "五金工具铺", "老街药房"],
        "goods": ["面包", "苹果", "笔记本", "小说", "锤子", "肥皂", "茶叶", "电池"],
        "place": ["青山", "白沙", "长桥", "东湖", "南岭", "金田"],
        "name": ["王小明", "李思雨", "陈大海", "赵文静", "刘子轩", "周雅琴"],
        "company": ["北风科技", "蓝鸢印刷", "枫林工程", "远山能源", "采石贸易", "天图设计"],
        "dish": ["番茄汤", "烤鳟鱼", "蘑菇派", "扁豆炖菜", "柠檬蛋糕", "米布丁"],
        "label": ["一月", "二月", "三月", "四月", "五月", "六月"],
    },
}


def samples() -> list[Sample]:
    """All samples; deterministic."""
    return list(_samples())


def _samples() -> Iterator[Sample]:
    for kind, make in MAKERS.items():
        for language in LANGUAGES:
            for number in range(EACH):
                name = f"{kind}-{language}-{number}"
                made = make(random.Random(name), WORDS[language], language == "zh", number)
                yield Sample(name, kind, language, made.query, made.title, made.lines, made.bars, made.gold)


def _receipt(draw: random.Random, words: Words, zh: bool, number: int) -> Drawn:
    goods = [(thing, draw.randrange(100, 3000)) for thing in draw.sample(words["goods"], 3)]
    total, date, shop = sum(cents for _, cents in goods), _date(draw), words["shop"][number]
    currency = draw.choice(["EUR", "USD", "CNY"])
    lines = [(date, ""), *((thing, f"{cents / 100:.2f}") for thing, cents in goods)]
    lines += [("合计" if zh else "Total", f"{total / 100:.2f} {currency}")]
    query = "把这张收据记入支出。" if zh else "Enter this receipt into my expenses."
    return Drawn(
        query, shop, tuple(lines), (RecordExpense(shop=shop, date=date, total=total / 100, currency=currency),)
    )


def _ticket(draw: random.Random, words: Words, zh: bool, number: int) -> Drawn:
    """Every third ticket has a return journey."""
    origin, destination = draw.sample(words["place"], 2)
    ways = [(origin, destination), (destination, origin)][: 2 if number % 3 == 2 else 1]
    lines: list[tuple[str, str]] = []
    gold = []
    for start, end in ways:
        date, departure = _date(draw), f"{draw.randrange(5, 23):02d}:{draw.randrange(60):02d}"
        lines += [("出发" if zh else "From", start), ("到达" if zh else "To", end)]
        lines += [("日期" if zh else "Date", date), ("发车" if zh else "Departs", departure)]
        lines += [("座位" if zh else "Seat", f"{draw.randrange(1, 12)}{draw.choice('ABCD')}")]
        gold.append(AddJourney(origin=start, destination=end, date=date, departure=departure))
    query = "把票上的每段行程加入日历。" if zh else "Put every journey on this ticket into my calendar."
    return Drawn(query, "火车票" if zh else "RAIL TICKET", tuple(lines), tuple(gold))


def _card(draw: random.Random, words: Words, zh: bool, number: int) -> Drawn:
    name, company = words["name"][number], draw.choice(words["company"])
    phone = "".join(draw.choice("0123456789") for _ in range(8))
    email = f"{draw.choice(['info', 'desk', 'mail', 'hello'])}{draw.randrange(100)}@example.com"
    lines = (
        (company, ""),
        ("电话" if zh else "Phone", f"{phone[:4]} {phone[4:]}"),
        ("邮箱" if zh else "E-mail", email),
    )
    query = "把这个人加入通讯录。" if zh else "Put this person into my address book."
    return Drawn(query, name, lines, (AddContact(name=name, company=company, phone=phone, email=email),))


def _menu(draw: random.Random, words: Words, zh: bool, number: int) -> Drawn:
    """The cheapest dish, the dearest one, or one of each of these."""
    prices = draw.sample(range(40, 240), 5)
    dishes = list(zip(draw.sample(words["dish"], 5), prices, strict=True))
    cheapest, dearest = (choose(dishes, key=lambda dish: dish[1])[0] for choose in (min, max))
    quantity = draw.randrange(2, 6)
    query, gold = (
        ("点一份最便宜的菜。" if zh else "Order one of the cheapest dish.", (OrderDish(dish=cheapest),)),
        (
            f"点{quantity}份最贵的菜。" if zh else f"Order the dearest dish, {quantity} times.",
            (OrderDish(dish=dearest, quantity=quantity),),
        ),
        (
            "最便宜和最贵的菜各点一份。" if zh else "Order one each of the cheapest and of the dearest dish.",
            (OrderDish(dish=cheapest), OrderDish(dish=dearest)),
        ),
    )[number % 3]
    lines = tuple((dish, f"{price / 10:.2f}") for dish, price in dishes)
    return Drawn(query, "菜单" if zh else "MENU", lines, gold)


def _chart(draw: random.Random, words: Words, zh: bool, number: int) -> Drawn:
    """The highest bar, the lowest, or both the first and the last."""
    bars = tuple(zip(words["label"], draw.sample(range(10, 100), 6), strict=True))
    high, low = max(bars, key=lambda bar: bar[1]), min(bars, key=lambda bar: bar[1])
    query, noted = (
        ("把最高柱子的数字记下来。" if zh else "Write the figure of the highest bar into the table.", [high]),
        ("把最低柱子的数字记下来。" if zh else "Write the figure of the lowest bar into the table.", [low]),
        (
            "把第一根和最后一根柱子的数字记下来。"
            if zh
            else "Write the figures of the first and the last bar into the table.",
            [bars[0], bars[-1]],
        ),
    )[number % 3]
    gold = tuple(RecordFigure(label=label, value=value) for label, value in noted)
    return Drawn(query, "每月销量" if zh else "Sales by month", (), gold, bars)


def _form(draw: random.Random, words: Words, zh: bool, number: int) -> Drawn:
    name, city, birthday = words["name"][number], draw.choice(words["place"]), _date(draw, 1950, 2004)
    ticked = number % 2 == 0
    lines = (
        ("姓名" if zh else "Name", name),
        ("出生日期" if zh else "Date of birth", birthday),
        ("城市" if zh else "City", city),
        ("订阅通讯" if zh else "Newsletter", "[X]" if ticked else "[  ]"),
    )
    gold = (RegisterPerson(name=name, birthday=birthday, city=city, newsletter=ticked),)
    query = "登记填写这张表的人。" if zh else "Register the person who filled in this form."
    return Drawn(query, "报名表" if zh else "REGISTRATION", lines, gold)


def _date(draw: random.Random, first: int = 2024, last: int = 2026) -> str:
    return f"{draw.randint(first, last)}-{draw.randint(1, 12):02d}-{draw.randint(1, 28):02d}"


MAKERS: dict[str, Callable[[random.Random, Words, bool, int], Drawn]] = {
    "receipt": _receipt, "ticket": _ticket, "card": _card, "menu": _menu, "chart": _chart, "form": _form,
}  # fmt: skip
