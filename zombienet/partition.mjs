// A network of five is cut into three and two for several sessions, and healed: `partition.mjs FOLDER equal|majority`.
//
// equal: all weigh the same, and nobody optimizes, so that it stays so. Neither side has two thirds: both make blocks, nothing is finalised until the cut is healed,
// and the heavier side's chain becomes everybody's.
// majority: the three have more than two thirds. They go on finalising, and the two give up what they made meanwhile.
//
// In both: one chain at the end, with equal block hashes and state roots on all nodes; nothing that was final is reverted.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { configurationOf, writeChain } from '../devnet/lib/chain.mjs';
import { NodeProcess, newIdentity, runBinary, sleep, until, writeSessionKeys } from '../devnet/lib/node.mjs';
import { agreement, finalities, nothingReverted } from './lib/agreement.mjs';
import { Machines } from './lib/namespaces.mjs';
import { Node } from './lib/nodes.mjs';

/** The sessions that the cut lasts on both sides. */
const SESSIONS = 4;
/** Short sessions, and more primary slots than usual: a side's weight is told by few slots otherwise. */
const PARAMETERS = { epochLength: 10, primaryProbability: [1, 2] };
/** The points of reputation of each node's operator. */
const REPUTATIONS = { equal: [10, 10, 10, 10, 10], majority: [30, 30, 30, 3, 3] };
/** How long any stage may take on a slow machine, in milliseconds. */
const PATIENCE = 300_000;
/** After this, no vote from before the cut is on its way any more, in milliseconds. */
const LAST_VOTES = 15_000;
/** Chain weights that differ by fewer primary slots may change places while the cut is healed. */
const CLEAR_LEAD = 4;

const ROLES = [
  { name: 'alice', optimizer: true, evaluators: [] },
  { name: 'bob', evaluators: ['//Bob', '//Dave'] },
  { name: 'charlie', evaluators: ['//Charlie', '//Eve'] },
  { name: 'dave', evaluators: [] },
  { name: 'eve', evaluators: [] },
];
const WEST = [0, 1, 2];
const EAST = [3, 4];

const say = (text) => console.log(`partition: ${text}`);

function expect(condition, message) {
  if (!condition) {
    throw new Error(message);
  }
}

/** What the west must have of the weight, where it has the majority: more than the two thirds that finality takes. */
const MAJORITY = 0.75;

/** Starts the five nodes, each on its machine: `[Node]`. */
async function start(binary, folder, machines, weights) {
  const plan = ROLES.map((role) => ({
    optimizer: false,
    authority: true,
    ...role,
    secret: `//${role.name[0].toUpperCase()}${role.name.slice(1)}`,
  }));
  const reputations = Object.fromEntries(plan.map(({ secret }, index) => [secret, REPUTATIONS[weights][index]]));
  const chain = await writeChain({ binary, folder, nodes: plan, parameters: PARAMETERS, reputations });
  const raw = join(folder, 'chain-raw.json');
  writeFileSync(raw, await runBinary(binary, ['export-chain-spec', '--chain', chain.path, '--raw']));
  const nodes = [];
  const boot = [];
  for (const [index, member] of plan.entries()) {
    const base = join(folder, member.name);
    mkdirSync(base);
    const identity = await newIdentity(binary, base);
    writeSessionKeys(base, chain.id, member.keys);
    ROLES[index].address = member.keys.address;
    const args = ['--chain', raw, '--base-path', base, '--name', member.name, '--validator'];
    args.push('--listen-addr', `/ip4/${machines.address(index)}/tcp/30333`, '--node-key-file', identity.file);
    args.push('--rpc-port', 9944, '--unsafe-rpc-external', '--rpc-methods', 'unsafe', '--rpc-cors', 'all');
    args.push('--prometheus-port', 9615, '--prometheus-external', '--no-mdns', '--no-telemetry');
    args.push('--db-cache', 32, '--trie-cache-size', 32 * 1024 * 1024, ...boot.flatMap((address) => ['--bootnodes', address]));
    const configuration = weights === 'equal' ? undefined : configurationOf(member);
    if (configuration) {
      const path = join(base, 'node.json');
      writeFileSync(path, JSON.stringify(configuration, null, 2));
      args.push('--config', path);
    }
    const logPath = join(folder, `${member.name}.log`);
    const at = { wsUri: `ws://${machines.line(index)}:9944`, prometheusUri: `http://${machines.line(index)}:9615/metrics` };
    const node = new Node({ name: member.name, logPath, ...at });
    node.process = new NodeProcess({ name: member.name, binary, args, url: node.url, logPath, launcher: machines.launcher(index) });
    node.process.start();
    boot.push(`/ip4/${machines.address(index)}/tcp/30333/p2p/${identity.peer}`);
    nodes.push(node);
  }
  await Promise.all(nodes.map((node) => node.process.answers()));
  return nodes;
}

const status = (node) => node.request('doin_status');
/** The part of the weight that the authorities of the west have. */
function westShare(authorities) {
  const addresses = new Set(WEST.map((index) => ROLES[index].address));
  const sum = (list) => list.reduce((total, each) => total + each.weight, 0);
  return sum(authorities.filter(({ account }) => addresses.has(account))) / sum(authorities);
}

const weight = (node) => node.metric('doin_chain_weight');
const peers = async (node) => (await node.request('system_health')).peers;

async function havePeers(nodes, count) {
  for (const node of nodes) {
    await until(`${node.name} has ${count} peers`, async () => (await peers(node)) === count, { timeout: PATIENCE });
  }
}

/** Waits until a side has gone through so many sessions since `epoch`. */
async function sessions(node, epoch, count) {
  const passed = async () => (await status(node)).epoch >= epoch + count;
  await until(`${node.name} goes through ${count} sessions`, passed, { timeout: PATIENCE, interval: 1_000 });
}

async function scenario(nodes, machines, weights) {
  const [west, east] = [WEST, EAST].map((side) => side.map((index) => nodes[index]));
  await havePeers(nodes, 4);
  // The set of genesis has ten points each, whatever the ledger says: the points count from the third session on.
  let changed;
  await until(
    'the weights are as wanted',
    async () => {
      const { authorities, block } = await status(nodes[0]);
      const share = westShare(authorities);
      changed = block.number;
      return weights === 'equal' ? share === WEST.length / ROLES.length : share >= MAJORITY;
    },
    { timeout: PATIENCE, interval: 1_000 },
  );
  // What is final under these weights was voted with them.
  await until('blocks are final', async () => (await nodes[0].finalized()) >= Math.max(4, changed + 1), { timeout: PATIENCE });

  const before = await finalities(nodes);
  const { epoch } = await status(nodes[0]);
  machines.cut(EAST);
  say(`cut in session ${epoch}, block ${await nodes[0].best()}; final: ${before.map(({ number }) => number).join(', ')}`);
  await sleep(LAST_VOTES);
  const early = await finalities(nodes);
  await Promise.all([sessions(west[0], epoch, SESSIONS), sessions(east[0], epoch, SESSIONS)]);
  await havePeers(west, 2);
  await havePeers(east, 1);

  const late = await finalities(nodes);
  const tips = await Promise.all([west[0], east[0]].map((node) => node.request('chain_getBlockHash')));
  const heights = [await west[0].best(), await east[0].best()];
  const weigh = [await weight(west[0]), await weight(east[0])];
  const common = Math.min(...heights);
  expect((await west[0].hash(common)) !== (await east[0].hash(common)), 'the sides have the same chain in spite of the cut');
  const stood = (side) => side.every(({ name }) => late.find((now) => now.name === name).number === early.find((then) => then.name === name).number);
  expect(stood(east), 'two of five have finalised something');
  if (weights === 'equal') {
    expect(stood(west), 'three of five equal ones have finalised something');
  } else {
    expect(!stood(west), 'the three have more than two thirds of the weight and have finalised nothing');
  }
  say(`after ${SESSIONS} sessions: west at block ${heights[0]} with weight ${weigh[0]}, east at ${heights[1]} with ${weigh[1]}`);

  machines.heal();
  await havePeers(nodes, 4);
  const highest = Math.max(...heights);
  await until(
    `block ${highest + 2} is final on all`,
    async () => (await finalities(nodes)).every(({ number }) => number >= highest + 2),
    { timeout: PATIENCE, interval: 1_000 },
  );
  const { number, hash, stateRoot } = await agreement(nodes);
  await nothingReverted(nodes, [...before, ...early, ...late]);
  const survives = await Promise.all(tips.map(async (tip, side) => (await nodes[0].hash(heights[side])) === tip));
  if (weights === 'majority') {
    expect(survives[0] && !survives[1], 'the side that finalised has not prevailed');
  } else if (Math.abs(weigh[0] - weigh[1]) >= CLEAR_LEAD) {
    const heavier = weigh[0] > weigh[1] ? 0 : 1;
    expect(survives[heavier] && !survives[1 - heavier], 'the lighter side has prevailed');
  }
  say(`healed: the chain of the ${survives[0] ? 'three' : 'two'}; block ${number} ${hash} with state ${stateRoot} is final on all`);
}

const [folder, weights] = process.argv.slice(2);
if (!folder || !(weights in REPUTATIONS) || !process.env.DOIN_NODE || !process.env.DOIN_ISOLATED) {
  console.error('partition.mjs is run by scripts/zombienet.sh partition partition-majority');
  process.exit(2);
}
// The first process of a namespace is deaf to signals that it does not ask for; its end ends all the others.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => process.exit(130));
}
mkdirSync(folder, { recursive: true });
let nodes = [];
try {
  const machines = new Machines(ROLES.length);
  nodes = await start(process.env.DOIN_NODE, folder, machines, weights);
  await scenario(nodes, machines, weights);
  say('✅ passed');
} catch (error) {
  say(`❌ ${error.message}`);
  process.exitCode = 1;
} finally {
  await Promise.all(nodes.map((node) => node.disconnect()));
  await Promise.all(nodes.map((node) => node.process.stop()));
}
