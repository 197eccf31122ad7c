// Follows a chain block by block: every block once, in order, with its events.

import { sleep } from '../../devnet/lib/node.mjs';

/** How often a new block is looked for, in milliseconds. */
const INTERVAL = 500;

/** The events of a block: `{ name: 'Optimae.OptimumEnded', fields: { domain, ... } }`. */
export async function eventsAt(api, hash) {
  const records = await (await api.at(hash)).query.system.events();
  return records.map(({ event }) => {
    const fields = {};
    event.data.forEach((value, index) => {
      fields[event.data.names?.[index] ?? index] = value;
    });
    const section = event.section[0].toUpperCase() + event.section.slice(1);
    return { name: `${section}.${event.method}`, fields };
  });
}

/**
 * Calls `visit({ number, hash, events })` for each best block from `from` on, until it returns something other than
 * undefined, and resolves with that.
 */
export async function follow(node, { from, timeout, what }, visit) {
  const api = await node.connect();
  const deadline = Date.now() + timeout;
  for (let next = from; ; ) {
    const best = await node.best();
    for (; next <= best; next++) {
      const hash = await node.hash(next);
      const result = await visit({ number: next, hash, events: await eventsAt(api, hash) });
      if (result !== undefined) {
        return result;
      }
    }
    if (Date.now() > deadline) {
      throw new Error(`not within ${timeout / 1000} s: ${what} (blocks ${from} to ${best})`);
    }
    await sleep(INTERVAL);
  }
}
