"""One training in several processes; nothing here needs TensorFlow."""
