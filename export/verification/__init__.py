"""An exported file is run and compared with Keras."""
