// One development node over its public interfaces, with a client that nobody here wrote.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Keyring } from '@polkadot/api';
import { eventsAt, finalized, followBlocks } from './lib/chain.mjs';
import { Node, within } from './lib/node.mjs';
import { OPTIMIZATION_BLOCK, Optima, POT } from './lib/optimum.mjs';

const DOIN = 10n ** 12n;
const POT_OF_A_BLOCK = 50n * DOIN;

let node;
let api;

before(async () => {
  node = await Node.start(['--dev', '--tmp']);
  api = await node.connect();
});
after(() => node?.stop());

const onNode = (name, body) => test(name, () => node.observe(body));

onNode('the first optimization block is made within 60 seconds of the start', async () => {
  const left = 60_000 - (Date.now() - node.startedAt);
  await followBlocks(api, { from: 1, timeout: left, what: 'the first optimization block' }, ({ events }) =>
    events.find(({ name }) => name === OPTIMIZATION_BLOCK),
  );
});

onNode('metadata, constants and all of the state decode without any types of ours', async () => {
  for (const pallet of ['proofOfOptimization', 'domains', 'optimae', 'quorum', 'reputation', 'coin', 'balances', 'session']) {
    assert.ok(api.query[pallet], `the metadata describe ${pallet}`);
  }
  assert.equal(api.registry.chainTokens[0], 'DOIN');
  assert.equal(api.registry.chainDecimals[0], 12);
  let items = 0;
  for (const pallet of Object.values(api.query)) {
    for (const item of Object.values(pallet)) {
      if (item.creator?.meta.type.isPlain) {
        (await item()).toHuman();
        items += 1;
      } else if (item.creator?.meta.type.isMap) {
        (await item.entries()).forEach(([key, value]) => [key.toHuman(), value.toHuman()]);
        items += 1;
      }
    }
  }
  assert.ok(items > 50, `${items} storage items were read`);
  // The runtime API is described by the metadata as well.
  const hash = await api.rpc.chain.getFinalizedHead();
  const status = await (await api.at(hash)).call.doinApi.status();
  assert.equal(status.slot.toNumber(), (await node.request('doin_status', [hash.toHex()])).slot);
});

onNode('a transfer is included and final', async () => {
  const keyring = new Keyring({ type: 'sr25519' });
  const sender = keyring.addFromUri('//Ferdie');
  const receiver = keyring.addFromUri('//e2e-receiver').address;
  const amount = 3n * DOIN;
  const earlier = (await api.query.system.account(receiver)).data.free.toBigInt();
  let unsubscribe = () => {};
  const result = await within(
    90_000,
    'the transfer is final',
    new Promise((resolve, reject) => {
      api.tx.balances
        .transferKeepAlive(receiver, amount)
        .signAndSend(sender, (update) => {
          if (update.isError || update.dispatchError) {
            reject(new Error(`${update.status} ${update.dispatchError ?? ''}`));
          } else if (update.isFinalized) {
            resolve(update);
          }
        })
        .then((stop) => (unsubscribe = stop), reject);
    }),
  ).finally(() => unsubscribe());
  assert.ok(result.events.some(({ event }) => api.events.balances.Transfer.is(event)));
  assert.ok(result.events.some(({ event }) => api.events.system.ExtrinsicSuccess.is(event)));
  const later = (await api.query.system.account(receiver)).data.free.toBigInt();
  assert.equal(later - earlier, amount);
});

onNode('one optimum can be followed through all its stages to an optimization block', async () => {
  const optima = new Optima();
  const found = await followBlocks(
    api,
    { from: 1, timeout: 90_000, what: 'an accepted optimum and the optimization block after it' },
    (block) => {
      optima.add(block);
      for (const optimum of optima.accepted()) {
        const made = optima.optimizationBlocks.find((made) => made.block >= optimum.end);
        if (made) {
          return { optimum, made };
        }
      }
      return undefined;
    },
  );
  const { optimum, made } = found;
  const committed = optimum.votesCommitted.map(({ block }) => block);
  const revealed = optimum.votesRevealed.map(({ block }) => block);
  assert.ok(optimum.commit < optimum.reveal, 'the reveal is in a later block than the commit');
  assert.ok(optimum.reveal <= optimum.draw, 'the draw is not before the reveal');
  assert.ok(committed.length >= 3 && revealed.length >= 3, 'a quorum of three voted');
  assert.ok(optimum.draw < Math.min(...committed), 'votes are committed after the draw');
  assert.ok(Math.max(...committed) < Math.min(...revealed), 'no vote is revealed before all are committed');
  assert.ok(Math.max(...revealed) <= optimum.decision, 'the decision is last');
  assert.equal(optimum.decision, optimum.end, 'the optimum ends in the block of its decision');
  assert.ok(made.block >= optimum.end);
  assert.equal(made.reward, POT_OF_A_BLOCK);
  const optimizer = (await node.request('doin_optimum', [Number(optimum.id)])).optimizer;
  assert.ok(!optimum.evaluators.includes(optimizer), 'the optimizer is not among its own evaluators');
});

onNode('the doin_* methods answer, by HTTP and by WebSocket', async () => {
  const status = await node.request('doin_status');
  assert.ok(status.optimizationHeight >= 1);
  assert.match(status.threshold, /^\d+(\.\d+)?$/);
  assert.equal(status.authorities.length, 1);
  assert.deepEqual(Object.keys(await node.provider.send('doin_status', [])), Object.keys(status));

  const [domain] = await node.request('doin_domains');
  assert.equal(domain.name, 'quadratic');
  assert.equal(domain.evaluators.length, 4);
  const best = await node.request('doin_best', ['quadratic']);
  assert.deepEqual(Object.keys(best), Object.keys(await node.request('doin_best', [domain.id])));
  assert.match(best.artifact.root, /^0x[0-9a-f]{64}$/);

  const query = { target: new Array(10).fill(0) };
  const answer = await node.request('doin_infer', ['quadratic', query]);
  assert.ok(answer.output.performance < 0, 'the best is not the origin');
  assert.match(answer.best.artifact.root, /^0x[0-9a-f]{64}$/);

  const optimae = await node.request('doin_optimae', ['quadratic']);
  assert.ok(optimae.length >= 1);
  const accepted = optimae.find(({ outcome }) => outcome === 'accepted');
  assert.equal(accepted.decision.verdict, 'accepted');
  assert.equal((await node.request('doin_optimum', [accepted.id])).id, accepted.id);

  const { reputation } = await node.request('doin_reputation', [accepted.optimizer]);
  assert.ok(Number(reputation) > 2, `the optimizer's reputation is ${reputation}`);
  const [explanation] = await node.request('doin_explainError', ['Optimae::TooEarly']);
  assert.equal(explanation.palletIndex, 24);
  assert.match(explanation.remedy, /later block/);
});

onNode('errors of the doin_* methods name their remedy', async () => {
  await assert.rejects(node.request('doin_best', ['qadratic']), (error) => {
    assert.equal(error.code, 20004);
    assert.match(error.data.remedy, /quadratic/);
    return true;
  });
  await assert.rejects(node.request('doin_optimum', [999_999]), { code: 20005 });
  await assert.rejects(node.request('doin_reputation', ['alice']), { code: 20006 });
  await assert.rejects(node.request('doin_infer', ['quadratic', { target: [1] }]), (error) => {
    assert.equal(error.code, 20012);
    assert.match(error.message, /1 numbers, not 10/);
    return true;
  });
});

onNode('a refused transaction is explained by what the node answered', async () => {
  const ferdie = new Keyring({ type: 'sr25519' }).addFromUri('//Ferdie');
  const old = await api.tx.system.remark('0x00').signAsync(ferdie, { nonce: 0 });
  const refused = await node.request('author_submitExtrinsic', [old.toHex()]).catch((error) => error);
  assert.equal(refused.code, 1010);
  const [explanation] = await node.request('doin_explainError', [refused.code, refused.data]);
  assert.equal(explanation.name, 'InvalidTransaction::Stale');
});

onNode('after three optimization blocks the issuance is exact, and each pot is split 65/30/5', async () => {
  const pots = [];
  const hash = await followBlocks(api, { from: 1, timeout: 150_000, what: 'three optimization blocks' }, (block) => {
    pots.push(...block.events.filter(({ name }) => name === POT).map(({ fields }) => fields));
    return pots.length >= 3 ? block.hash : undefined;
  });
  for (const { reward, optimizers, evaluators, authorPart } of pots) {
    assert.equal(reward.toBigInt(), POT_OF_A_BLOCK);
    assert.equal(optimizers.toBigInt(), (POT_OF_A_BLOCK * 65n) / 100n);
    assert.equal(evaluators.toBigInt(), (POT_OF_A_BLOCK * 30n) / 100n);
    assert.equal(authorPart.toBigInt(), (POT_OF_A_BLOCK * 5n) / 100n);
  }
  const supply = await node.request('doin_supply', [hash.toHex()]);
  const [issuance, genesis, minted, burned] = ['issuance', 'genesis', 'minted', 'burned'].map((key) => BigInt(supply[key]));
  const atBlock = await api.at(hash);
  const atGenesis = await api.at(api.genesisHash);
  assert.equal((await atBlock.query.balances.totalIssuance()).toBigInt(), issuance);
  assert.equal((await atGenesis.query.balances.totalIssuance()).toBigInt(), genesis);
  assert.equal(minted, POT_OF_A_BLOCK * BigInt(pots.length));
  assert.equal(issuance, genesis + minted - burned);
  const accounts = await atBlock.query.system.account.entries();
  const owned = accounts.reduce((sum, [, { data }]) => sum + data.free.toBigInt() + data.reserved.toBigInt(), 0n);
  assert.equal(owned, issuance, 'the issuance is the sum of what all accounts have');
});

onNode('every event of every block decodes, and no call of the worker failed', async () => {
  const best = (await api.rpc.chain.getHeader()).number.toNumber();
  const failed = [];
  for (let number = 1; number <= best; number += 1) {
    for (const { name, fields } of await eventsAt(api, await api.rpc.chain.getBlockHash(number))) {
      if (name === 'System.ExtrinsicFailed') {
        failed.push(`block ${number}: ${JSON.stringify(fields.dispatchError?.toHuman())}`);
      }
    }
  }
  assert.deepEqual(failed, []);
  await finalized(api, best, 60_000);
});

onNode('metrics are served under doin_', async () => {
  const metrics = await node.metrics();
  assert.match(metrics, /^doin_optimization_height(\{.*\})? [1-9]/m);
});

onNode('no error and no panic is in the log', () => {
  const lines = node.log.split('\n').filter((line) => /panicked|\bERROR\b/.test(line));
  assert.deepEqual(lines, []);
});
