"""Long AI work as an awaitable call: live progress bars, output as it is written, timings in pandas."""

from progressnb.errors import ProgressError
from progressnb.handle import current_stage
from progressnb.operation import operation
from progressnb.run import Run, cancel_all, runs
from progressnb.stage import Stage
from progressnb.tracker import ProgressTracker
