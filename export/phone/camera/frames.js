// Handles the frames of a video, one at a time.

/**
 * Starts a loop over the frames. While `handle` works on a frame, newer frames
 * are skipped, so that it never lags behind; afterwards they are skipped for
 * the same time again, so that half of the time is left to the page and the
 * phone stays cool.
 *
 * @param {HTMLVideoElement} video
 * @param {(now: number) => Promise<void>} handle
 * @returns {() => void} ends the loop
 */
export function eachFrame(video, handle) {
  let ended = false;
  let cancel = () => {};
  let nextStart = 0;
  const step = async (now) => {
    if (ended) return;
    const begun = performance.now();
    const hasFrame = video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA;
    if (hasFrame && begun >= nextStart) {
      await handle(now);
      nextStart = 2 * performance.now() - begun;
    }
    if (!ended) cancel = nextFrame(video, step);
  };
  cancel = nextFrame(video, step);
  return () => {
    ended = true;
    cancel();
  };
}

function nextFrame(video, step) {
  if ('requestVideoFrameCallback' in video) {
    const id = video.requestVideoFrameCallback(step);
    return () => video.cancelVideoFrameCallback(id);
  }
  const id = requestAnimationFrame(step);
  return () => cancelAnimationFrame(id);
}
