"""A picture and a program with functions to call about it; calls are recorded, and the picture never changes."""

from PIL import Image
from pydantic import ConfigDict, Field

from actions.action import Action, ActionSpace, Outcome
from actions.control import CONTROL
from devices import DeviceOptions
from devices.still import Still, picture_of


class Function(Action):
    """A function of the program. Arguments must have the exact types of its fields."""

    model_config = ConfigDict(strict=True)

    def apply(self, device: object) -> Outcome:
        return Outcome("Done.")


class RecordExpense(Function):
    """Enter a receipt into the list of expenses."""

    shop: str = Field(description="The shop's name as it is printed.")
    date: str = Field(description="The day, written YYYY-MM-DD.")
    total: float = Field(description="The total.")
    currency: str = Field(default="EUR", description="The currency's three letters.")


class AddJourney(Function):
    """Put a journey by train into the calendar."""

    origin: str = Field(description="Where it begins, as it is printed.")
    destination: str = Field(description="Where it ends, as it is printed.")
    date: str = Field(description="The day, written YYYY-MM-DD.")
    departure: str = Field(description="When it leaves, written HH:MM.")


class AddContact(Function):
    """Put a person into the address book."""

    name: str = Field(description="The person's name as it is printed.")
    company: str = Field(description="The company's name as it is printed.")
    phone: str = Field(description="The telephone number, digits only.")
    email: str = Field(description="The e-mail address.")


class OrderDish(Function):
    """Order a dish."""

    dish: str = Field(description="Its name as it is printed.")
    quantity: int = Field(default=1, description="How many of it.")


class RecordFigure(Function):
    """Write a figure from a chart into the table."""

    label: str = Field(description="What the figure belongs to, as it is printed.")
    value: float = Field(description="The figure.")


class RegisterPerson(Function):
    """Register a person from a form that was filled in."""

    name: str = Field(description="The name as it is written.")
    birthday: str = Field(description="The day of birth, written YYYY-MM-DD.")
    city: str = Field(description="The city as it is written.")
    newsletter: bool = Field(default=False, description="Whether the box of the newsletter is ticked.")


FUNCTIONS: tuple[type[Function], ...] = (
    RecordExpense, AddJourney, AddContact, OrderDish, RecordFigure, RegisterPerson,
)  # fmt: skip


class Functions(Still):
    """A picture with functions to call, and no other actions."""

    def __init__(self, image: Image.Image) -> None:
        super().__init__(image)
        self.action_space = ActionSpace(FUNCTIONS, CONTROL)


def connect(options: DeviceOptions) -> Functions:
    """Opens the picture at the path in the address.

    Raises:
        UsageError: no path is given. DeviceFailure: it is missing or damaged.
    """
    return Functions(picture_of(options))
