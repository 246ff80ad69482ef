"""The one training loop of both networks: batches, schedule, state."""
