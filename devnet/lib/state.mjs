// What the nodes say about themselves: polled over RPC, and read from their logs.

/** The lines of the node's log that tell what happens to optima and optimization blocks: see node/src/reporter. */
const NOTABLE = /^\d{4}-\d\d-\d\d (\d\d:\d\d:\d\d)(?:\.\d+)?\s+(?:[A-Z]+\s+\S+:\s+)?((?:·|★|⛏|\s\soptimum \d).*)$/u;
/** What went wrong. */
const TROUBLE = /^\d{4}-\d\d-\d\d (\d\d:\d\d:\d\d)(?:\.\d+)?\s+((?:WARN|ERROR).*|.*(?:⚠|panicked|❌|💔).*)$/u;
/** How many events are remembered: more than any terminal shows. */
const MAXIMUM_EVENTS = 500;

const domain = 'quadratic';

/** Asks a node for its state: undefined while it does not answer. */
export async function poll(node) {
  const ask = (method, params) => node.process.request(method, params, 3_000);
  const [health, header, status, best, reputation] = await Promise.all([
    ask('system_health'),
    ask('chain_getHeader'),
    ask('doin_status'),
    ask('doin_best', [domain]),
    ask('doin_reputation', [node.keys.address]),
  ]);
  return {
    peers: health.peers,
    syncing: health.isSyncing,
    best: parseInt(header.number, 16),
    finalized: status.finalized.number,
    height: status.optimizationHeight,
    accumulated: Number(status.accumulated),
    threshold: Number(status.effectiveThreshold),
    metric: best.metric === null ? undefined : Number(best.metric),
    reputation: Number(reputation.reputation),
  };
}

/** How many different texts are remembered; then it begins anew, and an event may be told twice. */
const MAXIMUM_TEXTS = 5_000;

/** How often a text has come, by text. */
class Counts extends Map {
  add(text) {
    const count = (this.get(text) ?? 0) + 1;
    this.set(text, count);
    return count;
  }
}

/** Follows the logs of all nodes. Each node reports each block: an event is kept once, as the first one tells it. */
export class Events {
  constructor() {
    this.list = [];
    this.told = new Counts();
    /** By node. Two events may have the same text: the second is new when one node tells it a second time. */
    this.heard = new Map();
  }

  /** Whether this is the first node to tell this. */
  #isNew(node, text) {
    if (this.told.size > MAXIMUM_TEXTS) {
      this.told.clear();
      this.heard.clear();
    }
    if (!this.heard.has(node)) {
      this.heard.set(node, new Counts());
    }
    return this.heard.get(node).add(text) > (this.told.get(text) ?? 0) && this.told.add(text) > 0;
  }

  /** Something that happened to the network itself. */
  add(text, { time = new Date().toTimeString().slice(0, 8), node } = {}) {
    const event = { time, text, node };
    this.list.push(event);
    if (this.list.length > MAXIMUM_EVENTS) {
      this.list.shift();
    }
    return event;
  }

  /** Reads what a node has logged since the last call, and returns the new events. */
  read(node) {
    const fresh = [];
    for (const padded of node.process?.newLines() ?? []) {
      const line = padded.trimEnd();
      const notable = NOTABLE.exec(line);
      const trouble = notable ? undefined : TROUBLE.exec(line);
      if (notable) {
        const [, time, text] = notable;
        node.lastEvent = text.trim();
        if (this.#isNew(node.name, text)) {
          fresh.push(this.add(text, { time }));
        }
      } else if (trouble) {
        const [, time, text] = trouble;
        node.lastEvent = text.trim();
        fresh.push(this.add(text, { time, node: node.name }));
      }
    }
    return fresh;
  }
}
