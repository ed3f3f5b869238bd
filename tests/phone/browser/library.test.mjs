// The library in another page than the app's: ten lines of HTML, in a folder
// with nothing but the library, a model and a picture.

import assert from 'node:assert/strict';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { base64, launch, open, PREPARED, readPrepared, serve } from './start.mjs';

const THRESHOLD = 0.4;
let browser, server, folder, page, problems, hosts, prepared;

before(async () => {
  prepared = await readPrepared('library.json');
  folder = await mkdtemp(join(tmpdir(), 'kerasfg-'));
  const app = join(PREPARED, 'app_newer');
  await cp(join(app, 'kerasfg'), join(folder, 'kerasfg'), { recursive: true });
  await cp(join(app, 'models', prepared.folder), join(folder, 'model'), {
    recursive: true,
  });
  await cp(join(PREPARED, 'export'), join(folder, 'export'), {
    recursive: true,
  });
  await cp(join(PREPARED, 'wide.png'), join(folder, 'photo.png'));
  await cp(join(PREPARED, 'profile.png'), join(folder, 'profile.png'));
  await writeFile(join(folder, 'index.html'), prepared.page);
  // One that is sure of the picture.
  const manifest = JSON.parse(await readFile(join(folder, 'model/kerasfg.json')));
  const sure = JSON.stringify({ ...manifest, threshold: THRESHOLD });
  await writeFile(join(folder, 'model/kerasfg.json'), sure);
  // What the server and the browser ask for.
  await writeFile(join(folder, 'app.json'), '{}');
  await writeFile(join(folder, 'favicon.ico'), '');
  browser = await launch();
  server = await serve(folder);
  ({ page, problems, hosts } = await open(browser, server.address));
});

after(async () => {
  await browser?.close();
  await server?.stop();
  await rm(folder, { recursive: true });
});

/** Runs a function in the page, with `Classifier` and the picture's element. */
function inPage(run, argument) {
  return page.evaluate(
    async ([source, given]) => {
      const { Classifier } = await import(
        new URL('kerasfg/classifier.js', document.baseURI)
      );
      window.classifier ??= await Classifier.load('model');
      const image = document.querySelector('img');
      const call = `(${source})`;
      return (0, eval)(call)({ Classifier, classifier, image }, given);
    },
    [String(run), argument],
  );
}

/** The key and the message of the problem that a function in the page meets. */
async function problemOf(run, argument) {
  const given = await inPage(
    `async (page, given) => {
      try {
        await (${run})(page, given);
      } catch ({ name, key, message }) {
        return { name, key, message };
      }
      return { name: 'none' };
    }`,
    argument,
  );
  assert.equal(given.name, 'Problem', given.message);
  assert(!given.message.startsWith(given.key), given.message);
  return given;
}

function assertSame(answers, expected = prepared.answers) {
  assert.equal(answers.length, expected.length);
  answers.forEach(({ label, probability }, i) => {
    assert.equal(label, expected[i].label);
    const difference = Math.abs(probability - expected[i].probability);
    assert(difference <= 1e-6, `${label} differs by ${difference}`);
  });
}

test('the page of the guide says what Python says', async () => {
  await page.waitForFunction(
    (wanted) => document.querySelector('p').textContent === wanted,
    prepared.label,
  );
  assert.deepEqual(problems, []);
  assert.deepEqual([...hosts], [new URL(server.address).host]);
});

test('probabilities are those of Python, for each kind of picture', async () => {
  const kinds = await inPage(async ({ classifier, image }) => {
    const bitmap = await createImageBitmap(image);
    const canvas = document.createElement('canvas');
    Object.assign(canvas, { width: bitmap.width, height: bitmap.height });
    const context = canvas.getContext('2d');
    context.drawImage(image, 0, 0);
    const offscreen = new OffscreenCanvas(bitmap.width, bitmap.height);
    offscreen.getContext('2d').drawImage(image, 0, 0);
    image.width = 40; // its size on the page does not matter
    const pictures = {
      image,
      bitmap,
      canvas,
      offscreen,
      data: context.getImageData(0, 0, bitmap.width, bitmap.height),
      blob: await (await fetch('photo.png')).blob(),
      frame: new VideoFrame(canvas, { timestamp: 0 }),
    };
    const answers = {};
    for (const [kind, picture] of Object.entries(pictures)) {
      answers[kind] = await classifier.classify(picture);
    }
    pictures.frame.close();
    return answers;
  });
  assert.equal(Object.keys(kinds).length, 7);
  for (const kind of Object.keys(kinds)) assertSame(kinds[kind]);
});

test('a colour profile is not applied, as in training', async () => {
  const given = await inPage(async ({ classifier }) => {
    const image = new Image();
    image.src = 'profile.png';
    await image.decode();
    const canvas = new OffscreenCanvas(image.width, image.height);
    canvas.getContext('2d').drawImage(image, 0, 0); // this applies it
    return [
      await classifier.classify(image),
      await classifier.classify(await (await fetch('profile.png')).blob()),
      await classifier.classify(canvas),
    ];
  });
  assertSame(given[0]);
  assertSame(given[1]);
  assert.throws(() => assertSame(given[2]));
});

test('a video', async () => {
  const answers = await inPage(async ({ classifier, image }) => {
    const canvas = document.createElement('canvas');
    const { naturalWidth: width, naturalHeight: height } = image;
    Object.assign(canvas, { width, height });
    const video = document.createElement('video');
    video.muted = true;
    video.srcObject = canvas.captureStream();
    const early = await classifier.classify(video).catch(({ key }) => key);
    canvas.getContext('2d').drawImage(image, 0, 0);
    await video.play();
    return [early, await classifier.classify(video, { top: 1 })];
  });
  assert.equal(answers[0], 'pictureNotLoaded');
  assert.equal(answers[1].length, 1);
  assert.equal(answers[1][0].label, prepared.label);
});

test('the camera of the guide', async () => {
  const text = await inPage(async ({ classifier }, code) => {
    const video = document.createElement('video');
    const output = document.createElement('output');
    video.muted = true;
    const names = ['video', 'output', 'classifier'];
    const run = new Function(...names, `return (async () => {${code}})()`);
    const ended = run(video, output, classifier);
    while (!output.textContent) await new Promise((next) => setTimeout(next, 50));
    for (const track of video.srcObject.getTracks()) track.stop();
    video.srcObject = null;
    await ended;
    return output.textContent;
  }, prepared.camera);
  const label = text.replace(/ \d+ %$/, '');
  assert(prepared.labels.includes(label), text);
});

test('options, facts, and many calls at once', async () => {
  const given = await inPage(async ({ classifier, image }) => {
    const calls = Array.from({ length: 8 }, () => classifier.classify(image));
    const all = await Promise.all(calls);
    return {
      all,
      three: await classifier.classify(image, { top: 3 }),
      near: await classifier.classify(image, { zoom: 2 }),
      labels: classifier.labels,
      threshold: classifier.threshold,
      sure: classifier.isSure([{ label: 'a', probability: 0.4 }]),
      unsure: classifier.isSure([{ label: 'a', probability: 0.39 }]),
    };
  });
  given.all.forEach((answers) => assertSame(answers));
  assertSame(given.three, prepared.answers.slice(0, 3));
  assert.notDeepEqual(given.near, given.all[0]);
  assert.deepEqual(given.labels, prepared.labels);
  assert.equal(given.threshold, THRESHOLD);
  assert.deepEqual([given.sure, given.unsure], [true, false]);
});

test('a file that the user has chosen', async () => {
  const contents = await base64(join(folder, 'model', prepared.file));
  const answers = await inPage(async ({ Classifier, image }, contents) => {
    const response = await fetch(`data:;base64,${contents}`);
    const model = await Classifier.open(await response.blob());
    const given = await model.classify(image);
    await model.close();
    return given;
  }, contents);
  assertSame(answers);
});

test('a whole export: the file for exact pixels, others by their names', async () => {
  const given = await inPage(async ({ Classifier, image }) => {
    const answers = {};
    for (const file of [undefined, 'model.tflite']) {
      const model = await Classifier.load('export', { file });
      answers[file ?? 'chosen'] = await model.classify(image);
      answers[`${file ?? 'chosen'} is`] = [model.file, model.imageSize];
      await model.close();
    }
    return answers;
  });
  const [file, size] = given['chosen is'];
  assert.match(file, /^model_pixels32.*\.tflite$/);
  assert.equal(size, 32);
  assert.equal(given['model.tflite is'][1], prepared.frameSize);
  for (const name of ['chosen', 'model.tflite']) {
    assert.equal(given[name][0].label, prepared.label);
  }
});

test('a folder without a model, and one without that file', async () => {
  const absent = await problemOf(({ Classifier }) => Classifier.load('modle/'));
  assert.equal(absent.key, 'missingPart');
  assert.match(absent.message, /modle\/kerasfg.json .* 404.*`kerasfg phone`/);
  const file = await problemOf(({ Classifier }) =>
    Classifier.load('model', { file: 'model_int8.tflite' }),
  );
  assert.equal(file.key, 'modelFileMissing');
  assert(file.message.includes(`It lists: ${prepared.file}`), file.message);
});

test('a file that was changed, or fails its self-test', async () => {
  const name = `**/model/${prepared.file}`;
  await page.route(name, (route) => route.fulfill({ body: 'changed' }));
  const changed = await problemOf(({ Classifier }) => Classifier.load('model'));
  assert.equal(changed.key, 'modelChanged');
  await page.unroute(name);
  await page.route('**/model/kerasfg.json', async (route) => {
    const manifest = await (await route.fetch()).json();
    manifest.files[prepared.file].self_test.probabilities.reverse();
    await route.fulfill({ json: manifest });
  });
  const wrong = await problemOf(({ Classifier }) => Classifier.load('model'));
  assert.equal(wrong.key, 'selfTestFailed');
  await page.unroute('**/model/kerasfg.json');
});

test('pictures that are not loaded, broken, or none', async () => {
  const cases = {
    pictureNotLoaded: ({ classifier }) => {
      const image = new Image();
      image.src = `photo.png?${Math.random()}`;
      return classifier.classify(image);
    },
    pictureBroken: async ({ classifier }) => {
      const image = new Image();
      image.src = 'absent.png';
      await image.decode().catch(() => {});
      return classifier.classify(image);
    },
    notAPicture: ({ classifier }) => classifier.classify('photo.png'),
  };
  for (const [key, run] of Object.entries(cases)) {
    assert.equal((await problemOf(run)).key, key);
  }
  const broken = ({ classifier }) => classifier.classify(new Blob(['text']));
  assert.equal((await problemOf(broken)).key, 'pictureBroken');
});

test('a picture of another host, and the next one after it', async () => {
  const bytes = Buffer.from(await base64(join(PREPARED, 'wide.png')), 'base64');
  const other = createServer((_, response) => {
    response.setHeader('Content-Type', 'image/png');
    response.end(bytes);
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => other.on('listening', resolve));
  const address = `http://127.0.0.1:${other.address().port}/photo.png`;
  const tainted = await problemOf(async ({ classifier }, address) => {
    const image = new Image();
    image.src = address;
    await image.decode();
    await classifier.classify(image);
  }, address);
  other.close();
  assert.equal(tainted.key, 'pictureTainted');
  assert.match(tainted.message, /crossorigin="anonymous"/);
  const next = ({ classifier, image }) => classifier.classify(image);
  assertSame(await inPage(next));
});

test('a browser without SIMD, and a page without https', async () => {
  const load = ({ Classifier }) => Classifier.load('model');
  await page.evaluate(() => {
    window.validate = WebAssembly.validate;
    WebAssembly.validate = () => false;
  });
  assert.equal((await problemOf(load)).key, 'noSimd');
  await page.evaluate(() => {
    WebAssembly.validate = window.validate;
    Object.defineProperty(crypto, 'subtle', {
      value: undefined,
      configurable: true,
    });
  });
  assert.equal((await problemOf(load)).key, 'pageInsecure');
  await page.evaluate(() => delete crypto.subtle);
  await page.evaluate(() => {
    if (!crypto.subtle) throw new Error('It is still gone.');
  });
});

test('after it was closed, it says so', async () => {
  const problem = await problemOf(async ({ Classifier, image }) => {
    const model = await Classifier.load('model/');
    const last = model.classify(image); // what was begun is done
    await model.close();
    await model.close();
    if ((await last).length === 0) throw new Error('no answer');
    await model.classify(image);
  });
  assert.equal(problem.key, 'classifierClosed');
});
