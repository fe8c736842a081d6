"""A policy's file: read when it is right, and told what is wrong with it in our own words."""

import re
from pathlib import Path

import pytest

from actions.action import Action
from actions.errors import UsageError
from actions.geometry import Point
from actions.keyboard import Type
from actions.mouse import Click
from devices.rules.places import Deed, Place
from devices.rules.policy_file import read_policy
from devices.rules.verdict import Decision, strictest

RULE = '[[rule]]\ndecision = "deny"\n'


def written(folder: Path, text: str) -> Path:
    path = folder / "careful.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_policy_is_read(tmp_path: Path) -> None:
    policy = read_policy(written(tmp_path, f'default = "ask"\n{RULE}words = ["pay*"]\nhosts = ["shop.example"]\n'))
    assert policy.default is Decision.ASK
    assert policy.rule[0].decision is Decision.DENY and policy.rule[0].words == ("pay*",)
    assert policy.hosts(Decision.DENY) == (), "it is not about the site as such"
    assert read_policy(written(tmp_path, f'{RULE}hosts = ["a.test"]')).hosts(Decision.DENY) == ("a.test",)
    assert read_policy(written(tmp_path, "")).rule == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('defualt = "deny"', "there is no key 'defualt'. Did you mean 'default'?"),
        ('default = "forbid"', "default: must be one of allow, ask, deny (got 'forbid')"),
        ('default = "Denied"', "Did you mean 'deny'?"),
        ("default = 3", "(got 3)"),
        ('[[rules]]\ndecision = "deny"', "there is no key 'rules'. Did you mean 'rule'?"),
        ('[rule]\ndecision = "deny"', "[[rule]]"),
        ("rule = [3]", "[[rule]]"),
        (f'{RULE}word = ["pay"]', "rule 1: there is no key 'word'. Did you mean 'words'?"),
        (f'{RULE}host = ["pay"]', "Did you mean 'hosts'?"),
        ('[[rule]]\nwords = ["pay"]', "rule 1: decision is missing"),
        (RULE, "rule 1: it has no condition"),
        (f'{RULE}words = ["a"]\n{RULE}words = "pay"', "rule 2, words: must be a list of texts"),
        (f"{RULE}words = []", "rule 1, words: must be a list of texts, such as"),
        (f"{RULE}words = [1]", "(got [1])"),
        (f'{RULE}words = ["*"]', "rule 1, words: '*' is about everything"),
        (f'{RULE}apps = [" "]', "is about everything"),
        (f'{RULE}actions = ["click"]', "rule 1, actions: 'click' is no kind of action. Did you mean 'Click'?"),
        (f'{RULE}actions = ["Tpye"]', "Did you mean 'Type'?"),
        (f'{RULE}actions = ["Finish"]', "'Finish' is no kind of action."),
        (f'{RULE}hosts = ["http://a b/"]', "rule 1, hosts: 'http://a b/' is no host"),
        (f'{RULE}hosts = ["shop.example/pay"]', "rule 1, hosts: 'shop.example/pay' is no host"),
        (f'{RULE}schemes = ["http://"]', "rule 1, schemes: 'http://' is no scheme. Did you mean 'http'?"),
        (f'{RULE}words = ["pay"]\nwhy = 3', "rule 1, why: "),
        ("default = ", "is not valid TOML"),
    ],
)
def test_every_fault_names_the_file_the_key_and_the_value(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(UsageError) as raised:
        read_policy(written(tmp_path, text))
    assert said in str(raised.value) and "careful.toml" in str(raised.value)
    assert not re.search(r"pydantic|validation error|Input should|valid tuple|type=", str(raised.value))


def test_no_file_is_too_deep_or_too_large(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is not valid TOML"):
        read_policy(written(tmp_path, f"default = {'[' * 100_000}"))
    with pytest.raises(UsageError, match="more than 2,000,000 characters"):
        read_policy(Path("/dev/zero"))


def test_a_file_that_is_not_there_or_no_text_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"nothing\.toml cannot be read"):
        read_policy(tmp_path / "nothing.toml")
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UsageError, match=r"binary\.toml cannot be read"):
        read_policy(tmp_path / "binary.toml")


def test_the_example_asks_before_it_pays_and_where_credentials_are_typed() -> None:
    policy = read_policy(Path(__file__).parents[3] / "docs" / "example" / "careful.toml")

    def decided(action: Action, words: str) -> Decision:
        return strictest(policy.judge(Deed(action, Place(words=words)))).decision

    click, typing = Click(point=Point(1, 1)), Type(text="x")
    assert decided(click, "Pay now") is decided(typing, "PIN | password credentials") is Decision.ASK
    assert decided(click, "Search") is decided(click, "password credentials") is Decision.ALLOW
