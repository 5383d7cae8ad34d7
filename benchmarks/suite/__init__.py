"""What runs the benchmarks and writes down what they find."""
