// One task at a time.

/**
 * Makes a function that runs tasks in the order in which they come, each after
 * the one before has ended.
 *
 * @returns {<T>(task: () => T|Promise<T>) => Promise<T>} gives what the task
 *   gives, or fails as it does
 */
export function makeTurns() {
  /** @type {Promise<unknown>} */
  let last = Promise.resolve();
  return (task) => {
    const done = last.then(task);
    last = done.catch(() => {});
    return done;
  };
}
