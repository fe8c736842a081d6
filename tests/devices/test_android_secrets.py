"""Secrets on a phone, through the real adb: typed into a field of their app alone, and painted over there."""

import pytest

from actions.errors import ActionRefused
from actions.geometry import Point
from actions.keyboard import Type
from actions.phone import OpenApp
from actions.secrets import Secret, Secrets
from actions.touch import Tap
from devices.android.device import Android
from devices.wrappers.secrets import PAINT, WithSecrets
from tests.devices.simphone.driver import Phone

VALUE = "canary-7f3a9"
NOTES, CONTACTS = "com.simphone.notes", "com.simphone.contacts"


def test_an_apps_secret_is_typed_there_masked_and_painted_over(android: Android, phone: Phone) -> None:
    secrets = (
        Secret("PW", VALUE, NOTES),
        Secret("OTHER", "other-value", CONTACTS),
        Secret("HIDDEN", "hidden-value", NOTES, into_password=True),
    )
    environment = WithSecrets(android, Secrets(secrets))
    assert "painted over only where" in environment.remarks[-1]
    environment.perform(OpenApp(app="Notes"))
    with pytest.raises(ActionRefused, match="No field that takes text has the focus"):
        environment.perform(Type(text="{{PW}}"))
    environment.perform(Tap(point=Point(*phone.find("New note").middle)))
    environment.perform(Tap(point=Point(*phone.find("body").middle)))
    with pytest.raises(ActionRefused, match=f"is for {CONTACTS}, and the focus is in {NOTES}"):
        environment.perform(Type(text="{{OTHER}}"))
    with pytest.raises(ActionRefused, match="only into a password field"):
        environment.perform(Type(text="{{HIDDEN}}"))
    said = environment.perform(Type(text="It is {{PW}}")).text
    assert "{{PW}} was typed" in said and VALUE not in said
    field = phone.find("body")
    assert field.text == f"It is {VALUE}"
    assert environment.observe().image.getpixel(field.middle) == PAINT
    environment.perform(OpenApp(app="Clock"))
    environment.observe()
    assert environment.observe().image.getpixel(field.middle) != PAINT
