// Reads the pixels that a picture has inside the frame, each as it is: what
// resizes them is resample.js alone.

import { cropBox } from './crop.js';

/**
 * Makes a reader with a canvas of its own.
 *
 * @returns {(source: HTMLVideoElement|ImageBitmap,
 *   model: {crop: string, cropFraction: number}, zoom: number) => ImageData}
 */
export function makeReader() {
  const canvas = document.createElement('canvas');
  const context = canvas.getContext('2d', { willReadFrequently: true });
  return (source, { crop, cropFraction }, zoom) => {
    const [width, height] = sourceSize(source);
    const box = cropBox(width, height, crop, zoom, cropFraction);
    if (canvas.width !== box.width || canvas.height !== box.height) {
      canvas.width = box.width;
      canvas.height = box.height;
    }
    // What is transparent in a picture counts as white, as in training.
    context.imageSmoothingEnabled = false;
    context.fillStyle = '#fff';
    context.fillRect(0, 0, box.width, box.height);
    context.drawImage(source, -box.left, -box.top);
    return context.getImageData(0, 0, box.width, box.height);
  };
}

/** Width and height of a video or a picture in its own pixels. */
export function sourceSize(source) {
  return [
    source.videoWidth ?? source.width,
    source.videoHeight ?? source.height,
  ];
}
