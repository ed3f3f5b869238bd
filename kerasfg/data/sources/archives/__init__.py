"""Files that hold class folders, none of which is unpacked to the disk."""
