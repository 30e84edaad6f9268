"""What docs/web.md says: its lines for curl, its tables."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import progressnb as pnb
from progressnb.web import Limits
from tests_web_sse import Sse

if TYPE_CHECKING:
    from conftest import Serve
