// The service worker's memory: which version is the newest, and with which
// version each page was started. It is stored, because the browser may end the
// worker at any time.

const state = {
  cache: () => caches.open(STATE_CACHE),
  key: (name) => `${root}state/${encodeURIComponent(name)}`,
  async get(name) {
    const found = await (await this.cache()).match(this.key(name));
    return found ? found.text() : null;
  },
  async set(name, value) {
    await (await this.cache()).put(this.key(name), new Response(value));
  },
  async delete(name) {
    await (await this.cache()).delete(this.key(name));
  },
  async keys() {
    const requests = await (await this.cache()).keys();
    return requests.map(({ url }) =>
      decodeURIComponent(url.slice(this.key('').length)),
    );
  },
};
