// The loop over the frames of a camera.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { eachFrame } from '../../../export/phone/camera/frames.js';

globalThis.HTMLMediaElement = { HAVE_CURRENT_DATA: 2 };

/** A video whose frames come when the test says so. */
class FakeVideo {
  readyState = 2;
  waiting = new Map();
  number = 0;
  requestVideoFrameCallback(run) {
    this.waiting.set((this.number += 1), run);
    return this.number;
  }
  cancelVideoFrameCallback(id) {
    this.waiting.delete(id);
  }
  async frame() {
    const runs = [...this.waiting.values()];
    this.waiting.clear();
    await Promise.all(runs.map((run) => run(performance.now())));
  }
}

test('each frame is handled', async (t) => {
  let clock = 0;
  t.mock.method(performance, 'now', () => (clock += 10));
  const video = new FakeVideo();
  let handled = 0;
  eachFrame(video, async () => (handled += 1));
  for (let i = 0; i < 3; i++) await video.frame();
  assert.equal(handled, 3);
});

test('frames that come while one is handled are left out', async () => {
  const video = new FakeVideo();
  let finish;
  let begun = 0;
  eachFrame(video, () => {
    begun += 1;
    return new Promise((resolve) => (finish = resolve));
  });
  const first = video.frame();
  await video.frame();
  await video.frame();
  assert.equal(begun, 1);
  finish();
  await first;
  assert.equal(video.waiting.size, 1);
});

test('after a slow frame it rests for the same time', async (t) => {
  let clock = 1000;
  t.mock.method(performance, 'now', () => clock);
  const video = new FakeVideo();
  let handled = 0;
  eachFrame(video, async () => {
    handled += 1;
    clock += 200;
  });
  const handledAfter = async (now) => {
    clock = now;
    await video.frame();
    return handled;
  };
  assert.equal(await handledAfter(1000), 1);
  assert.equal(await handledAfter(1399), 1);
  assert.equal(await handledAfter(1400), 2);
});

test('a video without a picture so far is waited for', async () => {
  const video = new FakeVideo();
  video.readyState = 1;
  let handled = 0;
  eachFrame(video, async () => (handled += 1));
  await video.frame();
  assert.equal(handled, 0);
  assert.equal(video.waiting.size, 1);
});

test('no frame is handled after the end', async () => {
  const video = new FakeVideo();
  let handled = 0;
  const stop = eachFrame(video, async () => {
    handled += 1;
    stop();
  });
  await video.frame();
  await video.frame();
  assert.equal(handled, 1);
  assert.equal(video.waiting.size, 0);
});

test('browsers without frame callbacks use animation frames', async () => {
  const runs = [];
  globalThis.requestAnimationFrame = (run) => runs.push(run);
  let handled = 0;
  eachFrame({ readyState: 2 }, async () => (handled += 1));
  await runs[0](0);
  assert.equal(handled, 1);
  assert.equal(runs.length, 2);
});
