"""Studies made of the outputs of networks that were trained elsewhere (`harness import`)."""
