#!/usr/bin/env node
// A local network of N nodes with different roles, in one terminal: `make devnet NODES=4`.
// Starts the nodes, shows their state until Ctrl-C, and leaves nothing running.

import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Network } from './lib/network.mjs';
import { sleep } from './lib/node.mjs';
import { LATE, MAXIMUM_NODES } from './lib/plan.mjs';
import { Events, poll } from './lib/state.mjs';
import { eventLine, picture, plainLine, summary } from './lib/view.mjs';

const USAGE = `usage: devnet.mjs [options]
  --nodes N          how many nodes, 2 to ${MAXIMUM_NODES} (4)
  --keep FOLDER      put chain, data and logs there and keep them; otherwise a temporary folder is removed at the end
  --until-height H   end with status 0 at optimization height H, for tests
  --timeout SECONDS  with --until-height: end with status 1 when it takes longer (300)
  --plain            lines instead of a picture, as when the output is no terminal
  DOIN_NODE names the binary (target/doin-node)`;

const HERE = fileURLToPath(new URL('.', import.meta.url));

/** How often the nodes are asked, in milliseconds. */
const INTERVAL = 1_000;
/** How often a plain output repeats the states, in milliseconds. */
const PLAIN_INTERVAL = 15_000;

function fail(message) {
  console.error(`devnet: ${message}`);
  process.exit(2);
}

function readOptions() {
  const string = { type: 'string' };
  const options = { nodes: string, keep: string, 'until-height': string, timeout: string };
  let values;
  try {
    ({ values } = parseArgs({ options: { ...options, plain: { type: 'boolean' }, help: { type: 'boolean' } } }));
  } catch (error) {
    fail(`${error.message}\n${USAGE}`);
  }
  if (values.help) {
    console.log(USAGE);
    process.exit(0);
  }
  const whole = (name, otherwise) => {
    const text = values[name] ?? otherwise;
    if (text !== undefined && !/^\d+$/.test(text)) {
      fail(`--${name} takes a whole number, not ${JSON.stringify(text)}`);
    }
    return text === undefined ? undefined : Number(text);
  };
  const count = whole('nodes', '4');
  if (count < 2 || count > MAXIMUM_NODES) {
    fail(`--nodes must be 2 to ${MAXIMUM_NODES}, not ${count}`);
  }
  const binary = resolve(process.env.DOIN_NODE ?? join(HERE, '..', 'target', 'doin-node'));
  if (!existsSync(binary)) {
    fail(`${binary} is missing: run scripts/build.sh (or make devnet), or set DOIN_NODE`);
  }
  if (values.keep && existsSync(values.keep) && readdirSync(values.keep).length) {
    fail(`${values.keep} is not empty: --keep takes a new folder`);
  }
  return {
    binary,
    count,
    keep: values.keep && resolve(values.keep),
    untilHeight: whole('until-height'),
    timeout: whole('timeout', '300') * 1000,
    plain: values.plain || !process.stdout.isTTY,
  };
}

/** Draws on the alternate screen of a terminal; the one before is there again at the end. */
class Screen {
  constructor(state) {
    this.state = state;
    process.stdout.write('\u001b[?1049h\u001b[?25l');
    process.stdout.on('resize', () => this.draw());
  }

  draw() {
    const size = { columns: process.stdout.columns || 80, rows: process.stdout.rows || 24 };
    const lines = picture(this.state(), size).map((line) => `${line}\u001b[K`);
    process.stdout.write(`\u001b[H${lines.join('\r\n')}\u001b[J`);
  }

  event() {}

  end() {
    process.stdout.write('\u001b[?25h\u001b[?1049l');
  }
}

/** Prints events as they come, and now and then the state of each node. */
class Lines {
  constructor(state) {
    this.state = state;
    this.last = 0;
    this.dead = new Set();
  }

  draw() {
    const { nodes, startedAt } = this.state();
    const died = nodes.filter((node) => node.process?.exit && !this.dead.has(node));
    died.forEach((node) => this.dead.add(node));
    if (Date.now() - this.last >= PLAIN_INTERVAL || died.length) {
      this.last = Date.now();
      console.log(summary({ nodes, startedAt, now: Date.now() }));
      nodes.forEach((node) => console.log(`  ${plainLine(node)}`));
    }
  }

  event(event) {
    console.log(eventLine(event));
  }

  end() {}
}

const options = readOptions();
const folder = options.keep ?? mkdtempSync(join(tmpdir(), 'doin-devnet-'));
const network = new Network({ binary: options.binary, folder, count: options.count });
const events = new Events();
let note;
const state = () => ({ nodes: network.nodes, events: events.list, startedAt, folder, note });
const startedAt = Date.now();

let interrupted;
const stopped = new Promise((done) => {
  interrupted = (reason, status) => done({ reason, status });
});
for (const [signal, status] of [['SIGINT', 0], ['SIGTERM', 0], ['SIGHUP', 0]]) {
  process.on(signal, () => interrupted(signal, status));
}
// Whatever goes wrong here, no node is left behind.
process.on('exit', () => network.running.forEach((node) => node.process.child.kill('SIGKILL')));

const display = options.plain ? new Lines(state) : new Screen(state);
const tell = (event) => display.event(event);

async function watch(node) {
  try {
    const before = node.state;
    node.state = await poll(node);
    node.silentSince = undefined;
    if (!before) {
      tell(events.add(`${node.name} answers`));
    }
    if (node.late && !node.joined && !node.state.syncing && node.state.peers > 0 && node.state.best > 0) {
      node.joined = true;
      tell(events.add(`${node.name} has joined late and caught up at block ${node.state.best}`));
    }
  } catch {
    if (node.state) {
      node.silentSince ??= Date.now();
    }
  }
}

async function round() {
  await Promise.all(network.nodes.filter(({ process }) => process?.isRunning).map(watch));
  for (const node of network.nodes) {
    events.read(node).forEach(tell);
    if (node.process?.exit && !node.reportedDead && !network.stopping) {
      node.reportedDead = true;
      tell(events.add(`✗ ${node.name} died (${node.process.lastWords()})`));
    }
  }
  display.draw();
}

async function run() {
  tell(events.add(`${options.count} nodes; chain, data and logs in ${folder}`));
  display.draw();
  await network.prepare();
  network.start();
  const late = network.nodes.find((node) => node.late);
  if (late) {
    tell(events.add(`${late.name} joins late, in ${LATE / 1000} s`));
  }
  for (;;) {
    await round();
    const heights = network.nodes.map((node) => node.state?.height ?? 0);
    if (options.untilHeight !== undefined && Math.max(...heights) >= options.untilHeight) {
      return interrupted(`optimization height ${options.untilHeight}`, 0);
    }
    if (options.untilHeight !== undefined && Date.now() - startedAt > options.timeout) {
      return interrupted(`optimization height ${options.untilHeight} not within ${options.timeout / 1000} s`, 1);
    }
    if (network.nodes.every(({ process }) => process?.exit)) {
      return interrupted('all nodes have died', 1);
    }
    await sleep(INTERVAL);
  }
}

run().catch((error) => interrupted(error.message, 1));
const { reason, status } = await stopped;
note = `stopping all nodes (${reason})`;
display.draw();
const running = network.running.length;
const failed = status !== 0;
const last = failed ? network.nodes.map((node) => `  ${plainLine(node)}`) : [];
await network.stop();
display.end();
last.forEach((line) => console.log(line));
if (!options.keep && !failed) {
  rmSync(folder, { recursive: true, force: true });
}
console.log(`devnet: ${reason}; ${running} nodes stopped, none runs${options.keep || failed ? `; all is kept in ${folder}` : ''}`);
process.exit(status);
