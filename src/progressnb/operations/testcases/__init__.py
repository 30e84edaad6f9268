"""The operation `generate_tests`: test cases for an HTTP API, and a pytest suite that runs them.

The parts, lowest first; each imports only from its own folder or from those before it:

- `schemas.py` is the data of a suite: cases, requests, steps.
- `spec/` reads and validates an OpenAPI specification, and gives its endpoints and schemas.
- `values/` makes values for schemas, valid and invalid ones, and writes them into requests.
- `cases/` makes test cases of requests: foundation cases by rules alone, others from proposals of rules or a model.
- `suite/` holds the files that go into every ZIP as they are; `ApiTestSuite.run` alone imports them.
- `artifacts.py`, `tables.py` and `changes.py` are the files of a suite; `result.py`, `prompts.py`, `enhancement.py` and
  `pipeline.py` are the operation itself.
"""

from progressnb.operations.testcases.pipeline import generate_tests
from progressnb.operations.testcases.result import ApiTestSuite

__all__ = ["ApiTestSuite", "generate_tests"]
