// The network's pixels as a picture.

/**
 * @param {Uint8Array} pixels RGB, row by row
 * @param {number} size side of the square
 * @returns {ImageData}
 */
export function pixelImage(pixels, size) {
  const image = new ImageData(size, size);
  for (let i = 0, j = 0; i < pixels.length; j += 4) {
    image.data[j] = pixels[i++];
    image.data[j + 1] = pixels[i++];
    image.data[j + 2] = pixels[i++];
    image.data[j + 3] = 255;
  }
  return image;
}
