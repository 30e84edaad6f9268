"""The files that go into every ZIP as they are: the runner, its README, its requirements. No code imports them."""
