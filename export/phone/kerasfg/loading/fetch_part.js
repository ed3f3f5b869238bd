// Fetches the parts of a model, and counts their bytes.

import { asProblem, Problem } from '../problem.js';

/**
 * @param {string} path
 * @param {"json"|"arrayBuffer"} format
 * @param {(loaded: number) => void} [onBytes] called as they arrive
 * @returns {Promise<any>}
 * @throws {Problem} `missingPart`
 */
export async function fetchPart(path, format, onBytes) {
  try {
    const response = await fetchBytes(path, onBytes);
    return await response[format]();
  } catch (error) {
    const { values } = asProblem(error, 'missingPart');
    throw new Problem('missingPart', { ...values, path });
  }
}

/**
 * @param {string} address
 * @param {(loaded: number) => void} [onBytes]
 * @returns {Promise<Response>} whose bytes are counted as they arrive
 */
export async function fetchBytes(address, onBytes) {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`the host says ${response.status}`);
  if (!onBytes || !response.body) return response;
  let loaded = 0;
  const counter = new TransformStream({
    transform(chunk, controller) {
      onBytes((loaded += chunk.length));
      controller.enqueue(chunk);
    },
  });
  const type = response.headers.get('Content-Type') ?? '';
  return new Response(response.body.pipeThrough(counter), {
    headers: { 'Content-Type': type },
  });
}
