"""Many ways to press what a rule denies, on one page: none presses it, and what lies beside it is pressed."""

from collections.abc import Callable, Sequence

from actions.action import Action
from actions.errors import ActionRefused
from actions.geometry import Point
from actions.keyboard import Press, Type
from actions.mouse import Click, DoubleClick, Drag, MiddleClick, MoveTo, RightClick
from actions.web import AnswerDialog, Choose, Goto, NewTab, SwitchTab
from devices.browser.device import Browser
from devices.rules.policy import Policy
from devices.wrappers.policed import Policed
from tests.devices.browser.at import AT, BUTTON, Open, Reply, Site, evaluate

RULES = {"rule": [{"decision": "deny", "words": ["pay", "delete"], "why": "Money is the user's business."}]}
PAGE = """<!DOCTYPE html><title>shop</title><body style="margin:0">
<style>.at{position:absolute;width:140px;height:40px;overflow:hidden} .drawn::before{content:'Pay now'}
.named::after{content:attr(data-name)}</style>
<script>const paid = () => { document.title = 'paid' }; const noted = () => { document.title = 'noted' }</script>
<button id=pay class=at style="left:0;top:0" onclick="paid()" accesskey=p>Pay</button>
<button id=ok class=at style="left:200px;top:0" onclick="noted()">OK</button>
<label class=at style="left:400px;top:0" for=pay>Go</label>
<button class="at drawn" style="left:600px;top:0" onclick="paid()"></button>
<button class="at named" data-name="Pay" style="left:800px;top:0" onclick="paid()"></button>
<svg class=at style="left:1000px;top:0" onclick="paid()"><text x=10 y=20 font-size=20>Pay now</text></svg>
<div class=at style="left:0;top:60px" onclick="paid()"><img alt="Pay" width=100 height=30></div>
<div class=at style="left:200px;top:60px" onclick="paid()"><b>P</b>a<i>y</i></div>
<a class=at style="left:400px;top:60px;display:block" href="/pay" target=_blank><svg width=100 height=30></svg></a>
<input type=submit class=at style="left:600px;top:60px" onclick="paid()" value="Pay">
<input type=image class=at style="left:800px;top:60px" onclick="paid()" alt="Pay">
<div class=at style="left:1000px;top:60px"><p>Delete everything?</p></div>
<button class=at style="left:1000px;top:100px" onclick="paid()">Yes</button>
<form onsubmit="paid();return false" class=at style="left:0;top:160px"><input style="width:60px"><button>Pay</button>
</form><select class=at style="left:200px;top:160px" onchange="paid()"><option>Keep<option value=d>Delete</select>
<div class=at style="left:400px;top:160px"><input type=radio name=r id=keep checked><label for=keep>Keep</label>
<input type=radio name=r id=drop onclick="paid()"><label for=drop>Delete</label></div>
<div id=shut class=at style="left:600px;top:160px"></div>
<iframe class=at style="left:800px;top:160px" srcdoc="<button onclick='parent.paid()'>Pay</button>"></iframe>
<button class=at style="left:0;top:220px" onclick="if(confirm('Pay 9 EUR?')) paid()">Order</button>
<div class=at style="left:200px;top:220px"><input><button onclick="paid()" style="position:absolute;left:90px;top:0">Pay
</button></div>
<input id=code class=at style="left:400px;top:220px" oninput="pay.focus()">
<map name=m><area shape=rect coords="0,0,140,40" onclick="paid()" alt="Pay"></map>
<img class=at style="left:600px;top:220px" usemap="#m" src="/dot">
<div class=at style="left:800px;top:220px;opacity:0.01;z-index:2" onclick="paid()">Pay</div>
<button class=at style="left:800px;top:220px">Harmless</button>
<div contenteditable id=chat class=at style="left:0;top:280px" onkeydown="if(event.key=='Enter') paid()">hi</div>
<script>
shut.attachShadow({mode:'closed'}).innerHTML = '<button style="width:140px;height:40px" onclick="paid()">Pay</button>';
</script>"""
SHUT = Point(650, 175)
ROW = [Point(x, y) for y in (20, 80) for x in (50, 450, 650, 850, 1050) if (x, y) not in ((1050, 80),)]
CLICKS: list[tuple[str, list[Action]]] = [(f"at {point}", [Click(point=point)]) for point in (
    *ROW, Point(50, 80), Point(250, 80), Point(1050, 120), Point(100, 170), SHUT, Point(825, 180), Point(320, 230),
    Point(650, 240), Point(850, 240),
)]  # fmt: skip
ORDER, DISMISS = Click(point=Point(50, 240)), AnswerDialog(answer="dismiss")
PAY, OK = Point(50, 20), Point(250, 20)
WAYS: list[tuple[str, Sequence[Action]]] = [
    *CLICKS,
    ("twice", [DoubleClick(point=PAY)]),
    ("with the middle button", [MiddleClick(point=PAY)]),
    ("with the right button", [RightClick(point=PAY)]),
    ("a drag within it", [Drag(start=PAY, end=Point(52, 21))]),
    ("a drag from where the pointer is", [MoveTo(point=PAY), Drag(end=PAY)]),
    ("the key that it has", [Press(keys="alt+p")]),
    ("enter in the form's field", [Click(point=Point(20, 170)), Press(keys="enter")]),
    ("enter at the end of a text", [Click(point=Point(20, 170)), Type(text="Ada\n")]),
    ("enter of the keypad", [Click(point=Point(20, 170)), Press(keys="numpadenter")]),
    ("a carriage return at the end of a text", [Click(point=Point(20, 170)), Type(text="Ada\r")]),
    ("tab and enter in one text", [Click(point=Point(220, 230)), Type(text="x\t\n")]),
    ("tab and space in one text", [Click(point=Point(220, 230)), Type(text="x\t ")]),
    ("tab and enter together", [Click(point=Point(220, 230)), Press(keys=["tab", "enter"])]),
    ("tab, then enter", [Click(point=Point(220, 230)), Press(keys="tab"), Press(keys="enter")]),
    ("tab, then space", [Click(point=Point(220, 230)), Press(keys="tab"), Press(keys="space")]),
    ("back with shift and tab", [Click(point=OK), Press(keys="shift+tab"), Press(keys="enter")]),
    ("a field that moves the focus itself", [Click(point=Point(420, 230)), Type(text="7\n")]),
    ("an option by its beginning", [Click(point=Point(250, 170)), Choose(value="Del")]),
    ("an option by its value", [Click(point=Point(250, 170)), Choose(value="d")]),
    ("an option by its letter", [Click(point=Point(250, 170)), Press(keys="escape"), Press(keys="d")]),
    ("an option by arrows", [Click(point=Point(250, 170)), Press(keys="escape"), Press(keys="down")]),
    ("a radio button by arrows", [Click(point=Point(410, 170)), Press(keys="right")]),
    ("within a closed tree, by keys", [Click(point=OK), *[Press(keys="tab")] * 11, Press(keys="enter")]),
    ("its dialog", [ORDER, AnswerDialog(answer="accept"), DISMISS]),
    ("its dialog by enter", [ORDER, Press(keys="enter"), DISMISS]),
    ("its dialog by space", [ORDER, Press(keys="space"), DISMISS]),
    ("its dialog by its button", [ORDER, Click(point=Point(734, 52)), DISMISS]),
    ("what was written before", [Click(point=Point(50, 290)), Type(text=" pa"), Type(text="y\n")]),
    ("an address", [Goto(url="/pay")]),
    ("an address in other letters", [Goto(url="/p%61y")]),
    ("a script as an address", [Goto(url="javascript:paid()")]),
    ("another tab", [NewTab(url="/"), Click(point=PAY), SwitchTab(index=1)]),
]


def test_a_text_and_enter_still_answer_a_dialog_that_no_rule_is_about(opened: Open, site: Site) -> None:
    browser = opened(site.add("/", f"<button {BUTTON} onclick=\"document.title=prompt('Name?', 'Bob')\">Go</button>"))
    environment = Policed(browser, browser, [Policy.model_validate(RULES).judge], None)
    browser.observe()
    assert performed(environment, Click(point=AT)) and performed(environment, Type(text="Ada\n"))
    assert evaluate(browser, "document.title") == "Ada"
    assert performed(environment, Click(point=AT)) and not performed(environment, Type(text="pay\n"))


def test_nothing_that_a_rule_denies_is_pressed_in_any_way(
    opened: Open, site: Site, measured: Callable[..., None]
) -> None:
    site.add("/pay", "<title>paid</title>")
    site.add(
        "/dot",
        Reply(
            b"GIF89a" + bytes.fromhex("01000100800000000000ffffff2c00000000010001000002024401003b"), kind="image/gif"
        ),
    )
    browser = opened(site.add("/", PAGE))
    environment = Policed(browser, browser, [Policy.model_validate(RULES).judge], None)
    browser.observe()
    pressed = []
    for name, actions in WAYS:
        denied = [not performed(environment, action) for action in actions]
        browser.observe()
        if paid(browser) or not any(denied):
            pressed.append((name, paid(browser), denied))
            evaluate(browser, "document.title = 'shop'")
    measured(ways=len(WAYS), pressed=len(pressed))
    assert not pressed, "\n".join(map(str, pressed))
    assert performed(environment, Click(point=OK)) and evaluate(browser, "document.title") == "noted"


def performed(environment: Policed, action: Action) -> bool:
    try:
        return environment.perform(action).performed
    except ActionRefused:
        return False


def paid(browser: Browser) -> bool:
    return bool(evaluate(browser, "document.title") == "paid")
