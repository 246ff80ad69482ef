import pytest


@pytest.fixture(autouse=True)
def float32(monkeypatch):
    """A graph is float32 everywhere, and networks that were never trained have no margin for another arithmetic."""
    monkeypatch.setattr("lpg.networks.inference.has_bfloat16", lambda device: False)
