"""What is done to the processes, and what must be true afterwards."""
