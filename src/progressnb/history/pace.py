"""The pace of a history's writer: how long it gathers, waits and tries again, and how much it keeps meanwhile."""

INTERVAL = 0.05
"""Seconds for which events are gathered before they are written: a kill loses the last tenth of a second at most."""

IDLE = 0.5
"""Seconds without news after which the file itself is brought up to date, so that it can be copied."""

LISTEN = 0.1
"""Seconds between two looks at what other processes ask of the runs that are at work."""

SAVING = 5.0
"""Seconds after which this is done while runs are at work."""

RETRY = 1.0
"""Seconds between two attempts to write."""

PATIENCE = 30.0
"""Seconds for which closing waits for a file that can't be written."""

BATCH = 10_000
"""The number of events in one transaction, at most."""

WAITING = 256
"""The number of ended runs that are kept in memory while the file can't be written."""

STALL = 30.0
"""Seconds after which a write that does not return counts as failed."""
