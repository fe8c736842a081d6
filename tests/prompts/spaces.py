"""The action space of every kind of device."""

from actions.action import ActionSpace
from actions.control import CONTROL
from actions.keyboard import KEYBOARD
from actions.phone import PHONE
from actions.touch import TOUCH
from devices.doubles.games.blackjack import Hit, Stand
from devices.doubles.games.number_line import Decrease, Increase
from devices.doubles.games.points import Write
from devices.doubles.games.rooms import Forward, TurnLeft, TurnRight
from devices.functions import FUNCTIONS
from devices.gym import Step
from devices.still import POINTING
from tests.prompts.reading_of import SPACES

KINDS_OF_DEVICE = SPACES | {
    "still": ActionSpace(POINTING, CONTROL),
    "still, as a phone": ActionSpace(TOUCH, KEYBOARD, PHONE, CONTROL),
    "functions": ActionSpace(FUNCTIONS, CONTROL),
    "games": ActionSpace((Hit, Stand, Increase, Decrease, Write, Forward, TurnLeft, TurnRight, Step), CONTROL),
}
