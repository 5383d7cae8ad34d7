"""Early-exit networks: backbones cut into stages, one head after each."""
