"""OSWorld (xlang-ai/OSWorld): our agent for its runner, and tasks in its JSON format on a virtual screen."""
