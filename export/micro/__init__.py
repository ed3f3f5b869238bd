"""Files for microcontrollers: int8 in and out, and the same as a C array."""
