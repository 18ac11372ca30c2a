"""What every test shares: no test is gated on a time, and an outsider's settings do not reach the tests."""

import os

from hypothesis import settings

settings.register_profile("here", deadline=None)
settings.load_profile("here")
for name in [name for name in os.environ if name.startswith("XUESHI_") and not name.startswith("XUESHI_TEST_")]:
    del os.environ[name]
