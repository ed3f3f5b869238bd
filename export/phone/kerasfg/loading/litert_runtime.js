// Starts LiteRT.js, in a page or in a worker, and tells how much has come.

import { fetchBytes } from './fetch_part.js';

// Bytes of a build of the pinned version, give or take: a host that compresses
// does not say how many will come.
const BYTES = 9.4e6;
const SCRIPT = 'litert_wasm_';

// (module (func (result v128) i32.const 1; i8x16.splat; i32.const 2;
// i8x16.splat; i8x16.relaxed_swizzle))
const RELAXED_SIMD = Uint8Array.of(
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 15, 1,
  13, 0, 65, 1, 253, 15, 65, 2, 253, 15, 253, 128, 2, 11,
);

/** @type {Promise<any>|null} */
let starting = null;
/** @type {Set<(loaded: number, total: number) => void>} */
const watchers = new Set();
let loaded = 0;

/**
 * Starts the runtime, once: later calls get the same.
 *
 * @param {URL} folder its own, with index.js
 * @returns {Promise<any>} the library, and `threads`, how many it may use
 */
export function startLitert(folder) {
  if (!starting) {
    starting = start(folder);
    // After a failure, as without a network, the next call tries again.
    starting.catch(() => (starting = null));
  }
  return starting;
}

/**
 * Calls `watch` with the bytes of the runtime that are there, and of all, until
 * the returned function is called.
 *
 * @param {(loaded: number, total: number) => void} watch
 */
export function watchLitert(watch) {
  watch(loaded, Math.max(loaded, BYTES));
  watchers.add(watch);
  return () => watchers.delete(watch);
}

/** @param {URL} folder */
async function start(folder) {
  const wanted = Math.min(4, navigator.hardwareConcurrency ?? 1);
  const hasRelaxedSimd = WebAssembly.validate(RELAXED_SIMD);
  // Threads need shared memory, which only isolated pages may have.
  if (globalThis.crossOriginIsolated && wanted > 1 && hasRelaxedSimd) {
    try {
      return await startBuild(folder, 'threaded_internal', wanted);
    } catch (error) {
      console.warn('One thread, as several did not start:', error);
    }
  }
  const build = hasRelaxedSimd ? 'internal' : 'compat_internal';
  return startBuild(folder, build, 1);
}

/**
 * @param {URL} folder
 * @param {string} build
 * @param {number} threads
 */
async function startBuild(folder, build, threads) {
  const script = new URL('index.js', folder).href;
  const path = new URL('wasm/', folder).href;
  const [litert, module] = await Promise.all([
    // A bundler must leave it where it is served.
    import(/* @vite-ignore */ /* webpackIgnore: true */ script),
    compile(`${path}${SCRIPT}${build}.wasm`),
  ]);
  const glue = `${path}${SCRIPT}${build}.js`;
  // What the glue reads at its start. In a worker it does not know where it is.
  Object.assign(globalThis, {
    Module: {
      locateFile: (/** @type {string} */ file) => path + file,
      mainScriptUrlOrBlob: glue,
      instantiateWasm: async (
        /** @type {WebAssembly.Imports} */ imports,
        /** @type {Function} */ done,
      ) => done(await WebAssembly.instantiate(module, imports), module),
    },
  });
  const several = threads > 1;
  await litert.loadLiteRt(several ? path : glue, { threads: several });
  return { ...litert, threads };
}

/**
 * Compiles it while it arrives.
 *
 * @param {string} address
 */
async function compile(address) {
  const count = (/** @type {number} */ bytes) => {
    loaded = bytes;
    for (const watch of watchers) watch(loaded, Math.max(loaded, BYTES));
  };
  const response = await fetchBytes(address, count);
  return WebAssembly.compileStreaming(response);
}
