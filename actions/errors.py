"""Everything that can go wrong.

    AgentError
    |-- ModelMistake          told to the model as RESULT and counted; the episode goes on
    |   |-- MalformedReply      the reply tries to call something in a way that cannot be read
    |   |-- NoCall              the reply calls nothing: prose, a refusal, garbage; twice in a row ends the episode
    |   |-- UnknownAction       a call of an action that this environment does not have
    |   |-- InvalidArguments    arguments missing, of the wrong kind, or a point outside the frame
    |   |-- ActionRefused       the device or the user will not do it now
    |   `-- Stalled             the same was tried before, and nothing came of it
    |-- EpisodeFailure        ends the episode as FAILED, recorded
    |   |-- DeviceFailure       the device is lost or does not answer
    |   |   `-- SimPhoneFailure     a simulated phone does not start (devices/doubles/simphone)
    |   |-- EngineFailure       the model is lost, refuses, or does not fit
    |   |   `-- TooManyPictures   the server takes fewer pictures in one prompt
    |   |-- ContextOverflow     even the shortest prompt is longer than the context
    |   `-- RecordFailure       the run can no longer be written to disk
    |-- Undecided             the model did not answer a question, or decided on no action that could be done
    `-- UsageError            the command line, a profile or a task file is wrong
    KeyboardInterrupt
    `-- TimeUp                the deadline of what is being done is over; the episode ends as TIME_LIMIT

Every message is for a person: it names the value that was wrong and what to do about it.
Anything else that is raised is a bug and shows its traceback.
"""


class AgentError(Exception):
    """An error that the runtime knows how to answer."""


class ModelMistake(AgentError):
    """The model asked for something that cannot be done; it is told why and may try again."""


class MalformedReply(ModelMistake):
    """A reply that tries to call something in a way that cannot be read."""


class NoCall(ModelMistake):
    """A reply that calls nothing. It is never an answer: only an action ends a task."""


class UnknownAction(ModelMistake):
    """A call of an action that the environment does not have."""


class InvalidArguments(ModelMistake):
    """A call whose arguments are missing, of the wrong kind, or outside the frame."""


class ActionRefused(ModelMistake):
    """A valid action that the device, or the user, will not perform now. Nothing was done."""


class Stalled(ModelMistake):
    """An action that was tried before on the same screen and changed nothing. It was not performed again."""


class EpisodeFailure(AgentError):
    """The episode cannot go on."""


class DeviceFailure(EpisodeFailure):
    """The device is lost, closed or does not answer."""


class EngineFailure(EpisodeFailure):
    """The model cannot answer: absent weights, a lost server, no memory."""


class TooManyPictures(EngineFailure):
    """The server takes at most `most` pictures in one prompt, and the prompt has more."""

    def __init__(self, message: str, most: int) -> None:
        super().__init__(message)
        self.most = most


class ContextOverflow(EpisodeFailure):
    """Instruction, newest screenshot and the last rounds alone are longer than the context."""


class RecordFailure(EpisodeFailure):
    """The run folder cannot be written; what was already written stays readable."""


class Undecided(AgentError):
    """The model did not answer what it was asked, or decided on no action that could be done."""


class UsageError(AgentError):
    """The command line, a profile or a task file asks for something that does not exist."""


class TimeUp(KeyboardInterrupt):
    """The deadline broke into what was being done, as Ctrl-C does.

    It is no `Exception`, so that nothing on the way takes it for a failure of its own; and of the others asyncio, on
    which Playwright runs, lets only KeyboardInterrupt out of its loop.
    """
