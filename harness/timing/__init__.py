"""Measured time: latency, throughput with batch compaction, and cost axes from them."""
