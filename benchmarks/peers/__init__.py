"""What people would use instead, written as its users would write it; none of it knows harness."""
