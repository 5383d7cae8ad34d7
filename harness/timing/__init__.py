"""Measured time: latency, throughput with batch compaction, and the cost axes made of them."""
