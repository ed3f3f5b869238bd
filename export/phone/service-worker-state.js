// What the service worker remembers: which version is the newest, and with
// which each page was started. It outlives the worker, which the browser ends
// at will.

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
