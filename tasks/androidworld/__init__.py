"""AndroidWorld (google-research/android_world): our agent for its runner, and its tasks for ours."""
