// Reads a chain block by block: every block once, in order, with its events.

import { within } from './node.mjs';

/**
 * Calls `visit({ number, hash, events })` for each block from `from` on, until it returns something other than undefined,
 * and resolves with that. Driven by new heads; no block is left out.
 */
export async function followBlocks(api, { from, timeout, what }, visit) {
  let unsubscribe = () => {};
  let ended = false;
  const found = new Promise((resolve, reject) => {
    let next = from;
    let best = 0;
    let busy = false;
    const work = async () => {
      if (busy) {
        return;
      }
      busy = true;
      try {
        while (next <= best && !ended) {
          const hash = await api.rpc.chain.getBlockHash(next);
          const events = await eventsAt(api, hash);
          const result = await visit({ number: next, hash, events });
          if (result !== undefined) {
            ended = true;
            resolve(result);
            return;
          }
          next += 1;
        }
      } catch (error) {
        ended = true;
        reject(error);
      } finally {
        busy = false;
      }
    };
    api.rpc.chain
      .subscribeNewHeads((header) => {
        best = Math.max(best, header.number.toNumber());
        work();
      })
      .then((stop) => (unsubscribe = stop), reject);
  });
  try {
    return await within(timeout, what, found);
  } finally {
    ended = true;
    unsubscribe();
  }
}

/** The events of a block: `{ name: 'Optimae.Committed', fields: { domain: 0, ... } }`. */
export async function eventsAt(api, hash) {
  const records = await (await api.at(hash)).query.system.events();
  return records.map(({ event, phase }) => {
    const fields = {};
    event.data.forEach((value, index) => {
      fields[event.data.names?.[index] ?? index] = value;
    });
    return { name: `${event.section[0].toUpperCase()}${event.section.slice(1)}.${event.method}`, fields, event, phase };
  });
}

/** Resolves when the block with this number is final. */
export function finalized(api, number, timeout) {
  let unsubscribe = () => {};
  const final = new Promise((resolve, reject) => {
    api.rpc.chain
      .subscribeFinalizedHeads((header) => {
        if (header.number.toNumber() >= number) {
          resolve(header.number.toNumber());
        }
      })
      .then((stop) => (unsubscribe = stop), reject);
  });
  return within(timeout, `block ${number} is final`, final).finally(() => unsubscribe());
}
