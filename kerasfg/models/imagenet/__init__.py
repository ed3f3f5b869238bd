"""ImageNet weights that do not come as a KerasHub preset."""
