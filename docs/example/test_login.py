"""Logging in, tested through the screen. The checks ask the page itself, so a model's claim is never enough."""

from typing import Any

import pytest
from login_page import LoginPage
from playwright.sync_api import Page


@pytest.fixture
def login(page: Page, screenhand: Any) -> LoginPage:
    return LoginPage(page, screenhand)


def test_a_user_is_welcomed(login: LoginPage) -> None:
    assert login.log_in("ada", "lovelace")
    assert login.message == "Welcome, ada."


def test_a_wrong_password_is_refused(login: LoginPage) -> None:
    assert not login.log_in("ada", "hopper")
    assert login.message == "The name or the password is wrong."
