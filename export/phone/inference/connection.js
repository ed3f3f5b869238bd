// The way from the page to host.js: in a worker, or without one in the page.

import { Problem } from '../kerasfg/problem.js';

const WORKER = new URL('worker.js', import.meta.url);

/**
 * @typedef {object} Connection
 * @property {boolean} isRemote whether it is another thread
 * @property {(name: string, given: any[], options?: {transfer?: any[],
 *   onProgress?: (loaded: number, total: number) => void}) => Promise<any>
 * } call a function of the host
 */

/**
 * @param {() => void} onEnd called if the worker ends by itself
 * @returns {Promise<Connection>}
 */
export async function connect(onEnd) {
  const worker = await startWorker();
  if (worker) return remote(worker, onEnd);
  const { makeHost } = await import('./host.js');
  const host = makeHost();
  return {
    isRemote: false,
    call: async (name, given, { onProgress } = {}) =>
      host[name](...given, onProgress ?? (() => {})),
  };
}

/** The worker when it is ready, or null if this browser cannot run it. */
async function startWorker() {
  if (typeof Worker === 'undefined') return null;
  try {
    const worker = new Worker(WORKER);
    const isReady = await new Promise((resolve) => {
      worker.onmessage = ({ data }) => resolve(data.isReady);
      worker.onerror = (event) => {
        event.preventDefault();
        resolve(false);
      };
    });
    if (isReady) return worker;
    worker.terminate();
  } catch {
    // A page that was opened without a server, for example.
  }
  return null;
}

/** @returns {Connection} */
function remote(worker, onEnd) {
  const waiting = new Map();
  let count = 0;
  let ended = null; // why

  worker.onmessage = ({ data }) => {
    const { resolve, reject, onProgress } = waiting.get(data.call);
    if (data.bytes) return onProgress?.(...data.bytes);
    waiting.delete(data.call);
    if (data.error) reject(errorFrom(data.error));
    else resolve(data.value);
  };
  worker.onerror = ({ message }) => {
    worker.terminate();
    const reason = message ?? 'the worker has ended';
    ended = new Problem('classifyFailed', { reason });
    for (const { reject } of waiting.values()) reject(ended);
    waiting.clear();
    onEnd();
  };

  return {
    isRemote: true,
    call: (name, given, { transfer = [], onProgress } = {}) =>
      new Promise((resolve, reject) => {
        if (ended) throw ended; // nobody would answer
        const call = (count += 1);
        worker.postMessage({ call, name, given }, transfer);
        waiting.set(call, { resolve, reject, onProgress });
      }),
  };
}

/** The error that was thrown in the worker. */
function errorFrom({ key, values, message }) {
  return key ? new Problem(key, values) : new Error(message);
}
