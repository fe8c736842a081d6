"""Everything that can go wrong.

    AgentError
    |-- ModelMistake          reported to the model as RESULT and counted; the episode continues
    |   |-- MalformedReply      the reply attempts a call that cannot be read
    |   |-- NoCall              the reply has no call: prose, a refusal, garbage; two in a row end the episode
    |   |-- UnknownAction       a call of an action that this environment does not have
    |   |-- InvalidArguments    arguments missing, of the wrong kind, or a point outside the frame
    |   |-- ActionRefused       the device or the user refuses it now
    |   |-- Stalled             the action was tried before on this screen without effect
    |   `-- NotDone             the model claims that the task is done, and a check denies it
    |-- EpisodeFailure        ends the episode as FAILED, recorded
    |   |-- DeviceFailure       the device is lost or does not answer
    |   |   |-- BrowserEnded        the browser ended, and could not be started again where it was
    |   |   `-- SimPhoneFailure     a simulated phone does not start (devices/doubles/simphone)
    |   |-- EngineFailure       the model is lost, refuses, or does not fit
    |   |   `-- TooManyPictures   the server takes fewer pictures in one prompt
    |   |-- TaskFailure         a task's own set-up, solution or check cannot be carried out
    |   |-- ContextOverflow     even the shortest prompt is longer than the context
    |   `-- RecordFailure       the run can no longer be written to disk
    |-- Undecided             the model did not answer a question, or chose no action that could be performed
    |-- TrainingFailure       a training of the model in the box does not learn
    `-- UsageError            the command line, a profile or a task file is wrong
    KeyboardInterrupt
    `-- TimeUp                the deadline has passed; the episode ends as TIME_LIMIT

Every message is for a person: it names the wrong value and the remedy.
Any other exception is a bug and shows its traceback.
"""


class AgentError(Exception):
    """An error that the runtime handles."""


class ModelMistake(AgentError):
    """The model asked for something that cannot be done; it learns why and may try again."""


class MalformedReply(ModelMistake):
    """A reply that attempts a call that cannot be read."""


class NoCall(ModelMistake):
    """A reply without a call. It is never an answer: only an action ends a task."""


class UnknownAction(ModelMistake):
    """A call of an action that the environment does not have."""


class InvalidArguments(ModelMistake):
    """A call whose arguments are missing, of the wrong kind, or outside the frame."""


class ActionRefused(ModelMistake):
    """A valid action that the device or the user refuses now. Nothing was done."""


class Stalled(ModelMistake):
    """An action that was tried before on the same screen and changed nothing. It was not performed again."""


class NotDone(ModelMistake):
    """The model says that the task is done, or what the answer is, and a check says that it is not so."""


class EpisodeFailure(AgentError):
    """The episode cannot continue."""


class DeviceFailure(EpisodeFailure):
    """The device is lost, is closed or does not answer."""


class BrowserEnded(DeviceFailure):
    """The browser ended, and could not be started again where it was."""


class TaskFailure(EpisodeFailure):
    """A set-up, solution or check of a task cannot be carried out. Other tasks of its suite go on."""


class EngineFailure(EpisodeFailure):
    """The model cannot answer: absent weights, a lost server, no memory."""


class TooManyPictures(EngineFailure):
    """The server takes at most `most` pictures in one prompt, and the prompt has more."""

    def __init__(self, message: str, most: int) -> None:
        super().__init__(message)
        self.most = most


class ContextOverflow(EpisodeFailure):
    """The instruction, the newest screenshot and the last rounds alone exceed the context."""


class RecordFailure(EpisodeFailure):
    """The run folder cannot be written; what was written before stays readable."""


class Undecided(AgentError):
    """The model did not answer the question, or chose no action that could be performed."""


class TrainingFailure(AgentError):
    """A training of the model in the box does not learn. Its last good checkpoint is kept."""


class UsageError(AgentError):
    """The command line, a profile or a task file asks for something that does not exist."""


class TimeUp(KeyboardInterrupt):
    """The deadline interrupts what is being done, as Ctrl-C does.

    It is no `Exception`, so that no code on the way handles it as its own failure; and KeyboardInterrupt is the only
    such class that asyncio, on which Playwright runs, lets out of its loop.
    """
