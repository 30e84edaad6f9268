"""The files that go into every ZIP as they are: the runner, its README, its requirements.

`ApiTestSuite.run` uses the runner too; no other code imports it.
"""
