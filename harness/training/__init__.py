"""The trainer: one network, one regime, one split, in memory."""
