// How pictures are decoded, everywhere.

/**
 * Upright as the camera was held. Colours are not converted, as in training.
 *
 * @type {ImageBitmapOptions}
 */
export const DECODING = {
  imageOrientation: 'from-image',
  colorSpaceConversion: 'none',
};
