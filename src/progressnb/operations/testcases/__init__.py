"""Test cases for an HTTP API from its OpenAPI specification, and a pytest suite that runs them."""

from progressnb.operations.testcases.pipeline import generate_tests
from progressnb.operations.testcases.schemas import ApiTestSuite

__all__ = ["ApiTestSuite", "generate_tests"]
