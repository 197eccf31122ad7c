// A node that is killed at any moment goes on where it was, and its worker finishes what it had committed to.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { followBlocks } from './lib/chain.mjs';
import { Node, freePort, runToEnd, temporaryFolder } from './lib/node.mjs';
import { OPTIMIZATION_BLOCK, Optima, STAGES } from './lib/optimum.mjs';

/** What a worker loses that does not finish what it has begun. */
const LOSSES = ['Optimae.CommitExpired', 'Quorum.VoteWithheld'];

const base = join(temporaryFolder(), 'base');
const start = async () => {
  const node = await Node.start(['--dev', '--base-path', base]);
  await node.connect();
  return node;
};

let node;
after(() => node?.child.kill('SIGKILL'));

test('killed after a commit, the worker reveals it after the restart', async () => {
  node = await start();
  const commit = await node.observe(() =>
    followBlocks(node.api, { from: 1, timeout: 60_000, what: 'the first commit' }, ({ number, events }) => {
      const event = events.find(({ name }) => name === STAGES.commit);
      return event && { number, commitment: event.fields.commitment.toHex() };
    }),
  );
  await node.kill();
  node = await start();
  await node.observe(() =>
    followBlocks(node.api, { from: 1, timeout: 60_000, what: 'the reveal of what was committed' }, ({ events }) =>
      events.find(({ name, fields }) => name === STAGES.reveal && fields.commitment.toHex() === commit.commitment),
    ),
  );
});

test('killed after the votes were committed, they are revealed after the restart', async () => {
  const optima = new Optima();
  const voting = await node.observe(() =>
    followBlocks(node.api, { from: 1, timeout: 60_000, what: 'an optimum whose votes are committed' }, (block) => {
      optima.add(block);
      return [...optima.optima.values()].find(
        ({ votesCommitted, votesRevealed, decision }) => votesCommitted.length >= 1 && !votesRevealed.length && !decision,
      );
    }),
  );
  await node.kill();
  node = await start();
  const again = new Optima();
  const decided = await node.observe(() =>
    followBlocks(node.api, { from: 1, timeout: 90_000, what: `the decision on optimum ${voting.id}` }, (block) => {
      again.add(block);
      const optimum = again.optima.get(voting.id);
      return optimum?.decision ? optimum : undefined;
    }),
  );
  const revealed = decided.votesRevealed.map(({ evaluator }) => evaluator);
  for (const { evaluator } of decided.votesCommitted) {
    assert.ok(revealed.includes(evaluator), `${evaluator} revealed its vote`);
  }
});

test('a start that is refused damages nothing, and the chain goes on to further optimization blocks', async () => {
  const before = await node.observe(() => node.request('doin_status'));
  await node.kill();
  const config = join(temporaryFolder(), 'wrong.json');
  writeFileSync(config, '{ "wroker": {} }');
  const ports = ['--rpc-port', await freePort(), '--port', await freePort(), '--no-prometheus'].map(String);
  const { status } = await runToEnd(['--dev', '--base-path', base, '--config', config, ...ports]);
  assert.notEqual(status, 0);

  node = await start();
  await node.observe(async () => {
    const best = await node.request('doin_status');
    assert.ok(best.block.number >= before.finalized.number, 'nothing that was final is lost');
    await followBlocks(
      node.api,
      { from: best.block.number + 1, timeout: 90_000, what: 'an optimization block after the restart' },
      ({ events }) => events.find(({ name }) => name === OPTIMIZATION_BLOCK),
    );
    // Three kills have cost nothing: no commit expired, no vote was withheld.
    const number = (await node.api.rpc.chain.getHeader()).number.toNumber();
    await followBlocks(node.api, { from: 1, timeout: 60_000, what: 'all blocks' }, (block) => {
      const lost = block.events.filter(({ name }) => LOSSES.includes(name)).map(({ event }) => event.toHuman());
      assert.deepEqual(lost, [], `block ${block.number}`);
      return block.number >= number || undefined;
    });
    assert.ok(!/panicked/.test(node.log), 'no panic');
  });
  const { status: ended } = await node.stop();
  assert.equal(ended, 0, 'the node stops well when it is asked to');
});
