"""Training of one network under one regime on one split, in memory."""
