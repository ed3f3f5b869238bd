// Saves files.

/** Saves a file in the folder for downloads. */
export function saveFile(file) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = file.name;
  link.click();
  // Some browsers read the file only after a moment.
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}
