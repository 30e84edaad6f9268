"""Customize a resume for a job: evaluation, planning, implementation, verification."""

from progressnb.operations.resume.pipeline import customize
from progressnb.operations.resume.sample_run import demo
from progressnb.operations.resume.saving import check_target
from progressnb.operations.resume.schemas import Customization
from progressnb.operations.resume.view import view_of_customization
from progressnb.tracking import register_view

__all__ = ["Customization", "check_target", "customize", "demo"]

register_view(Customization, view_of_customization)
