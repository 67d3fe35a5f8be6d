"""The tests; folders mirror the rooms."""

import pytest

pytest.register_assert_rewrite("tests.support", "tests.faults.scene")
