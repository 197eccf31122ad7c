// Nodes of every kind find one another and the chain: archive, pruned, full and warp sync, peers of peers, dialling out only.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Node, temporaryFolder } from './lib/node.mjs';
import { addressOf, chainFile, height, until } from './lib/network.mjs';

const BOB = '5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty';
/** His key of GRANDPA. */
const BOB_GRANDPA = '5GoNkf6WdbxCFnPdAnYYQyCjAKPJgLNxXwPjwTh6DGg6gN3E';

const folder = temporaryFolder();
const nodes = [];
after(() => Promise.all(nodes.map((node) => node.kill())));

const chain = chainFile(folder, 'sync', { slotDuration: 1_000, epochLength: 10, primaryProbability: [1, 1], minimumAuthorities: 2 }, (patch) => {
  // Two authorities: the second one only dials out.
  patch.session.keys.push([BOB, BOB, { doin: BOB, grandpa: BOB_GRANDPA }]);
});

async function start(name, args) {
  const node = await Node.start(['--chain', chain, '--base-path', join(folder, name), '--name', name, ...args]);
  node.name = name;
  nodes.push(node);
  return node;
}

const block = async (node, number) => {
  const hash = await node.request('chain_getBlockHash', [number]);
  return { hash, header: hash && (await node.request('chain_getHeader', [hash])), body: hash && (await node.request('chain_getBlock', [hash])) };
};
const hasState = async (node, hash) => {
  try {
    await node.request('doin_status', [hash]);
    return true;
  } catch (error) {
    assert.equal(error.code, 20001, `${error}`);
    return false;
  }
};
const peers = async (node) => (await node.request('system_peers')).map(({ peerId }) => peerId);

test('archive, pruned, full and warp-synced nodes follow one chain, and newcomers learn of peers from peers', async () => {
  const validator = ['--validator', '--unsafe-force-node-key-generation'];
  const archive = await start('archive', [...validator, '--alice', '--state-pruning', 'archive', '--blocks-pruning', 'archive']);
  const boot = await addressOf(archive);
  // Nobody can dial it: it listens where only this machine could reach it, and takes no one in. Finality needs it.
  const behindNat = await start('nat', [...validator, '--bob', '--bootnodes', boot, '--in-peers', '0', '--in-peers-light', '0']);
  const pruned = await start('pruned', ['--bootnodes', boot, '--state-pruning', '16', '--blocks-pruning', '16']);

  // Over several sessions, beyond what the pruned node keeps.
  await until('45 blocks are final', 120_000, async () => (await height(pruned, { final: true })) >= 45);
  const first = await block(archive, 1);
  assert.ok(await hasState(archive, first.hash), 'the archive has every state');
  assert.ok(!(await hasState(pruned, first.hash)), 'the pruned node has not');
  assert.deepEqual((await block(pruned, 1)).header, first.header, 'headers stay');
  const old = await Promise.all(Array.from({ length: 20 }, (_, index) => block(pruned, index + 1)));
  assert.ok(old.some(({ body }) => body === null), 'bodies go');
  // ... but of blocks that prove the finality of a change of authorities.
  assert.ok(old.every(({ body }) => body === null || body.justifications), 'others are not kept');
  const recent = (await height(pruned, { final: true })) - 4;
  const window = await block(pruned, recent);
  assert.deepEqual(window.body, (await block(archive, recent)).body, 'but not those in the window');
  assert.ok(await hasState(pruned, window.hash));

  // A newcomer that may speak with the pruned node only, and one that knows the archive's address only.
  const address = await addressOf(pruned);
  const warped = await start('warped', [
    '--sync',
    'warp',
    // Without it it would want the bodies of the history too, which its only peer has not.
    '--blocks-pruning',
    '256',
    '--reserved-only',
    '--reserved-nodes',
    address,
  ]);
  const full = await start('full', ['--sync', 'full', '--bootnodes', boot]);
  for (const node of [warped, full]) {
    const caughtUp = async () => {
      const { isSyncing, peers } = await node.request('system_health');
      return peers > 0 && !isSyncing && (await height(node, { final: true })) > recent;
    };
    await node.observe(() => until(`${node.name} has caught up`, 90_000, caughtUp));
  }
  assert.equal((await peers(warped)).length, 1, 'the pruned node serves it alone');
  assert.ok(await hasState(full, first.hash), 'it has executed every block');
  assert.equal((await block(full, 1)).hash, first.hash);
  assert.ok(!(await hasState(warped, first.hash).catch(() => false)), 'it did not execute the first block');
  // The history below its start arrives afterwards, as far as the pruned node has it: the headers.
  await until('the warped node has the first header', 60_000, async () => (await block(warped, 1)).hash === first.hash);

  const prunedId = await pruned.request('system_localPeerId');
  await until('the full node was told of the pruned one', 60_000, async () => (await peers(full)).includes(prunedId));

  // All of them see the same chain grow.
  const target = (await height(archive, { final: true })) + 15;
  for (const node of nodes) {
    await until(`${node.name} has block ${target} final`, 60_000, async () => (await height(node, { final: true })) >= target);
  }
  const hashes = await Promise.all(nodes.map(async (node) => (await block(node, target)).hash));
  assert.equal(new Set(hashes).size, 1, `${hashes}`);
  // Blocks of the node that only dials out reached everybody.
  assert.match(await behindNat.metrics(), /doin_blocks_authored_total\{[^}]*\} [1-9]/);
});
