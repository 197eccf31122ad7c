// An operator's way: setup, fund, authority, new keys, leave; with real nodes and the commands as a person types them.

import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { createRequire } from 'node:module';
import { freePort, Node, runToEnd, temporaryFolder } from './lib/node.mjs';
import { addressOf, chainFile, height, metric, until } from './lib/network.mjs';

const { Keyring } = createRequire(import.meta.url)('@polkadot/api');
const folder = temporaryFolder();
const nodes = [];
after(() => Promise.all(nodes.map((node) => node.stop())));

const SESSION = 12;
const chain = chainFile(
  folder,
  'membership',
  { slotDuration: 1_000, epochLength: SESSION, primaryProbability: [1, 2], unbondingPeriod: 20 },
  (patch) => {
    patch.quorum.unbondingPeriod = 10;
    // Evaluators answer for what was accepted until nobody can challenge it: genesis wants the shorter of both here.
    patch.optimae.challengeWindow = 5;
  },
);

/** Runs a command of the node to its end. */
async function run(args, { fails = false } = {}) {
  const { status, output } = await runToEnd(args.map(String), { timeout: 120_000 });
  assert.equal(status === 0, !fails, `${args.join(' ')}:\n${output}`);
  assert.ok(!output.includes('panicked'), output);
  return output;
}

async function start(name, args) {
  const node = await Node.start(['--chain', chain, '--base-path', join(folder, name), ...args]);
  nodes.push(node);
  return node;
}

const url = (node) => `ws://127.0.0.1:${node.rpcPort}`;

test('a newcomer becomes an authority, changes its keys without a pause, and leaves', async () => {
  // The founder: Alice's keys, as --alice has them.
  const alice = await start('alice', ['--validator', '--alice', '--unsafe-force-node-key-generation']);
  const base = join(folder, 'newcomer');
  const place = ['--chain', chain, '--base-path', base];
  const setup = ['setup', ...place, '--domain', 'quadratic', '--evaluate', '--authority'];

  // Without a node: keys, account, configuration. The words are shown once.
  const dry = await run([...setup, '--offline', '--dry-run']);
  assert.match(dry, /would be made/);
  assert.ok(!existsSync(base), 'a dry run writes nothing');
  const made = await run([...setup, '--offline']);
  const operator = /operator +made: (5\w{47})/.exec(made)[1];
  const phrase = /^ {4}((?:[a-z]+ ){11}[a-z]+)$/m.exec(made)[1];
  assert.match(made, /--validator/, 'it says how to start');
  const again = await run([...setup, '--offline']);
  assert.ok(again.includes(`there: ${operator}`) && !again.includes(phrase), again);
  const configuration = join(base, 'node.json');
  assert.deepEqual(JSON.parse(readFileSync(configuration)), {
    worker: { domains: { quadratic: { evaluate: { accounts: [operator] } } } },
  });
  writeFileSync(
    configuration,
    JSON.stringify({ worker: { compute: { backend: 'cpu' }, domains: { quadratic: { evaluate: { accounts: [operator] } } } } }),
  );

  // What can be wrong with the node.
  const nowhere = ['--rpc', `ws://127.0.0.1:${await freePort()}`];
  assert.match(await run([...setup, ...nowhere], { fails: true }), /error: no node answers at/);
  const nothing = join(folder, 'nothing');
  const other = await run(['setup', '--chain', 'testnet', '--base-path', nothing, '--rpc', url(alice)], { fails: true });
  assert.match(other, /error: .*another chain.*genesis/);
  assert.ok(!existsSync(nothing), 'no account is made for a slip of the pen');

  const node = await start('newcomer', ['--validator', '--config', configuration, '--bootnodes', await addressOf(alice)]);
  const rpc = ['--rpc', url(node)];
  await node.observe(async () => {
    await until('the newcomer follows', 60_000, async () => (await height(node)) > 0);
    const slip = ['--chain', chain, '--base-path', nothing, '--domain', 'qadratic'];
    const wrongDomain = await run(['setup', ...slip, ...rpc], { fails: true });
    assert.match(wrongDomain, /error: the chain has no domain `qadratic`; it has: quadratic/);
    assert.ok(!existsSync(nothing));
    const elsewhere = await run(
      ['setup', '--chain', chain, '--base-path', join(folder, 'elsewhere'), ...rpc],
      { fails: true },
    );
    assert.match(elsewhere, /error: .*does not see the operator's key/);

    // No coin, then coin from the faucet.
    const poor = await run([...setup, ...rpc], { fails: true });
    assert.match(poor, new RegExp(`error: account ${operator} has 0 DOIN to spend, and needs 1\\.\\d+ DOIN.*doin-node fund`));
    await run(['fund', operator, '30', '--chain', chain, '--operator', '//Ferdie', '--rpc', url(alice)]);

    const joined = await run([...setup, ...rpc]);
    assert.match(joined, /set new session keys .*in block/);
    assert.match(joined, /register as an evaluator of quadratic .*in block/);
    assert.match(joined, /needs a reputation of 2\.000, has 0\.000/);
    assert.match(joined, /All of it is final/);
    const domains = await node.request('doin_domains');
    assert.ok(domains[0].evaluators.includes(operator));
    const repeated = await run([...setup, ...rpc]);
    assert.ok(!repeated.includes('→'), `nothing is done twice:\n${repeated}`);

    // Reputation as root gives it, since no optimum of the newcomer's is judged here: as much as Alice has, so that
    // finality needs both.
    const api = await node.connect();
    const storage = api.query.reputation.records.key(operator);
    const record = `0x${reputation(10)}`;
    await new Promise((resolve, reject) => {
      const set = api.tx.sudo.sudo(api.tx.system.setStorage([[storage, record]]));
      set
        .signAndSend(new Keyring({ type: 'sr25519' }).addFromUri('//Alice'), ({ status, dispatchError }) => {
          if (dispatchError) reject(new Error(dispatchError.toString()));
          if (status.isFinalized) resolve();
        })
        .catch(reject);
    });
    assert.match(await run([...setup, '--wait', ...rpc]), /bond as an authority .*in block/);

    // It takes its seat, authors, and finality (which needs it now) goes on.
    const seat = async () => {
      const seats = await api.query.proofOfOptimization.authorities();
      return seats.find(({ account }) => account.toString() === operator)?.key.toHex();
    };
    const first = await until('the newcomer has a seat', 90_000, seat);
    await goesOn(node, 'with its first keys');
    assert.match(await run([...setup, ...rpc]), /authority: yes/);

    // New keys: the old ones author until the new ones are in force.
    const keys = () => readdirSync(join(base, 'chains', 'membership', 'keystore')).length;
    const before = keys();
    assert.match(await run(['setup', ...place, '--rotate-keys', ...rpc]), /set new session keys .*in block/);
    assert.equal(keys(), before + 2, 'the old keys stay');
    assert.equal(await seat(), first, 'not yet in force');
    await goesOn(node, 'while the new keys wait');
    await until('the new keys are in force', 90_000, async () => ![undefined, first].includes(await seat()));
    await goesOn(node, 'with its new keys');

    // It leaves: the bonds come back, the keys go, the network goes on without it.
    const left = await run(['leave', ...place, ...rpc]);
    assert.match(left, /leave the set of authorities .*in block/);
    assert.match(left, /stop being drawn in quadratic .*in block/);
    await until('it has no seat any more', 90_000, async () => (await seat()) === undefined);
    const end = await until('all bonds are back', 120_000, async () => {
      const output = await run(['leave', ...place, ...rpc]);
      return output.includes('nothing is left to do') && output;
    });
    assert.ok(!end.includes('→'), end);
    const { data } = await api.query.system.account(operator);
    assert.equal(data.reserved.toBigInt(), 0n);
    assert.ok(data.free.toBigInt() > 29_900_000_000_000n, `only fees were paid: ${data.free}`);
    const last = await height(alice, { final: true });
    await until('finality goes on without it', 60_000, async () => (await height(alice, { final: true })) > last + 2);
  });
});

/** The newcomer makes further blocks, and blocks become final. */
async function goesOn(node, when) {
  const made = await metric(node, 'doin_blocks_authored_total');
  const final = await height(node, { final: true });
  await until(`it authors ${when}`, 60_000, async () => (await metric(node, 'doin_blocks_authored_total')) > made + 1);
  await until(`finality goes on ${when}`, 60_000, async () => (await height(node, { final: true })) > final + 2);
}

/** An encoded record of reputation: points in 10⁻¹⁸ as 128 bits, and height 0 as 64 bits. */
function reputation(points) {
  const bytes = Buffer.alloc(24);
  const units = BigInt(points) * 10n ** 18n;
  bytes.writeBigUInt64LE(units & 0xffffffffffffffffn, 0);
  bytes.writeBigUInt64LE(units >> 64n, 8);
  return bytes.toString('hex');
}
