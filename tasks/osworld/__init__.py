"""OSWorld (xlang-ai/OSWorld): our agent for its runner, and tasks in its JSON shape on a virtual screen."""
