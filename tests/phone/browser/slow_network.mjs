// A web server before another one: counts the requests, and can be slow.

import { createServer, request } from 'node:http';

/**
 * @param {string} address of the other server
 * @param {{bitsPerSecond?: number}} options shared by all connections
 * @returns {Promise<{address: string, requests: {path: string, status: number,
 *   bytes: number}[], stop: () => void}>}
 */
export async function slowNetwork(address, { bitsPerSecond = Infinity } = {}) {
  const requests = [];
  let free = 0; // when the line is

  const passOn = async (given, response) => {
    const entry = { path: given.url.slice(1), status: given.statusCode, bytes: 0 };
    requests.push(entry);
    response.writeHead(given.statusCode, given.headers);
    for await (const chunk of given) {
      entry.bytes += chunk.length;
      const now = performance.now();
      free = Math.max(free, now) + (8e3 * chunk.length) / bitsPerSecond;
      if (free > now + 1) {
        await new Promise((resolve) => setTimeout(resolve, free - now));
      }
      response.write(chunk);
    }
    response.end();
  };

  const server = createServer(({ url, method, headers }, response) => {
    const to = new URL(url, address);
    request(to, { method, headers }, (given) => {
      given.url = url;
      passOn(given, response).catch(() => response.destroy());
    }).end();
  });
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.on('listening', resolve));
  return {
    address: `http://127.0.0.1:${server.address().port}/`,
    requests,
    stop() {
      server.closeAllConnections();
      server.close();
    },
  };
}
