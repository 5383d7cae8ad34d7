"""Early-exit networks: backbones divided into stages, one head after each."""
