"""Pages in an original and a changed state, made by an author who did not know how the player finds its targets."""
