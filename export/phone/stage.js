// Tells the style sheet how the picture lies in the frame.

/**
 * @param {HTMLElement} main
 * @param {number[]} size width and height of what is looked at
 * @param {"center"|"whole"} crop what the network gets
 * @param {number} zoom
 */
export function layOut(main, [width, height], crop, zoom) {
  const ratio = crop === 'whole' && height > 0 ? width / height : 1;
  main.dataset.shape = width > height ? 'wide' : 'tall';
  main.style.setProperty('--ratio', ratio.toFixed(4));
  main.style.setProperty('--zoom', zoom.toFixed(4));
}
