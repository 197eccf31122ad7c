// Nodes follow one another through the stages of a search, by nothing but accepted optimae: two nodes run one Python domain
// whose second searcher finds nothing until the network's best has come from a later stage than its own.

import assert from 'node:assert/strict';
import { chmodSync, cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { addressOf, chainFile, height, until } from './lib/network.mjs';
import { Node, runToEnd, temporaryFolder } from './lib/node.mjs';

const PLUGIN = `
import os
import random
import time

import doin_sdk


def error(x, points):
    return sum(abs(x * t - y) for t, y in points) / len(points)


def points(seed):
    rng = random.Random(seed)
    return [[t, 10 * t + rng.gauss(0, 0.01)] for t in (rng.uniform(1, 2) for _ in range(200))]


class Search:
    """The leader searches in stage 2 from the start; the follower needs stage 1, and goes there only when it is told."""

    def configure(self, config):
        self._current_stage = 2 if os.environ["ROLE"] == "leader" else 0
        self.needs, self.finds = (0, 5.0) if os.environ["ROLE"] == "leader" else (1, 9.0)
        self.network = None

    def baseline(self):
        return {"x": 0.0}

    def set_local_champion_callback(self, callback):
        self.found = callback

    def set_network_champion(self, parameters):
        self.network = parameters

    def force_stage_advance(self):
        self._current_stage += 1
        print("advanced to stage", self._current_stage)

    def optimize(self, current_best_params, current_best_performance):
        best = current_best_params
        while True:
            time.sleep(0.1)
            doin_sdk.progress(stage=self._current_stage)
            best, self.network = self.network or best, None
            if self._current_stage >= self.needs and best["x"] < self.finds:
                best = {"x": self.finds}
                self.found(best, error(self.finds, points(0)), {}, 0, {"stage": self._current_stage})

    def get_domain_metadata(self):
        return {"performance_metric": "error", "higher_is_better": False}


class Model:
    def evaluate(self, parameters, data):
        return error(parameters["x"], data)


class Data:
    def generate(self, seed=None):
        return points(seed)
`;

const DESCRIPTION = {
  name: 'staged',
  kind: 'python',
  model: {
    plugins: { optimization: 'staged:Search', inference: 'staged:Model', synthetic_data: 'staged:Data' },
    metric: 'error',
    higher_is_better: false,
  },
};

const repository = fileURLToPath(new URL('../..', import.meta.url));
const folder = temporaryFolder();
// What plugins read must be readable for everybody where the node runs as root.
chmodSync(folder, 0o755);
const chain = chainFile(folder, 'stages', {});
const nodes = {};

function file(name, content) {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

const configuration = (role, optimizer, evaluators) =>
  file(`${role}.json`, {
    worker: {
      compute: { backend: 'cpu' },
      domains: {
        staged: {
          wait_for_registration: true,
          optimize: { account: optimizer },
          evaluate: { accounts: evaluators, register: true },
          python: {
            ...(existsSync('/usr/bin/python3') ? { interpreter: '/usr/bin/python3' } : {}),
            path: [join(folder, 'sdk'), join(folder, 'staged')],
            environment: { ROLE: role },
            limits: { round_seconds: 3 },
          },
        },
      },
    },
  });

before(async () => {
  mkdirSync(join(folder, 'staged'));
  file(join('staged', 'staged.py'), PLUGIN);
  const isSource = (path) => !path.endsWith('__pycache__');
  cpSync(join(repository, 'sdk', 'python', 'doin_sdk'), join(folder, 'sdk', 'doin_sdk'), { recursive: true, filter: isSource });
  const start = async (role, optimizer, evaluators, more) => {
    const place = ['--chain', chain, '--base-path', join(folder, role)];
    nodes[role] = await Node.start([...place, '--config', configuration(role, optimizer, evaluators), ...more]);
  };
  await start('leader', '//Alice', ['//Charlie'], ['--validator', '--alice', '--unsafe-force-node-key-generation']);
  await start('follower', '//Bob', ['//Dave', '//Eve'], ['--bootnodes', await addressOf(nodes.leader)]);
  await until('the follower follows', 60_000, async () => (await height(nodes.follower)) > 0);
});
after(() => Promise.all(Object.values(nodes).map((node) => node.stop())));

test('an optimizer goes a stage further when an optimum of a later stage is accepted, and not before', async () => {
  try {
    const register = ['register-domain', file('domain.json', DESCRIPTION), '--approve', '1', '--operator', '//Alice'];
    const place = ['--chain', chain, '--base-path', join(folder, 'leader'), '--rpc', `ws://127.0.0.1:${nodes.leader.rpcPort}`];
    const { status, output } = await runToEnd([...register, '--config', join(folder, 'leader.json'), ...place], { timeout: 240_000 });
    assert.equal(status, 0, output);

    const accepted = (before) =>
      until('an optimum is accepted', 240_000, async () => {
        const { optimum } = await nodes.follower.request('doin_best', ['staged']);
        return optimum !== null && optimum !== before && (await nodes.follower.request('doin_optimum', [optimum]));
      });
    const stage = ({ experiment }) => experiment.find(([name]) => name === 'stage')?.[1];
    const advances = (node) => node.log.match(/advanced to stage \d+/g) ?? [];

    const first = await accepted(null);
    assert.equal(stage(first), '2', `published with its stage: ${JSON.stringify(first.experiment)}`);
    const second = await accepted(first.id);
    assert.equal(stage(second), '1');
    assert.notEqual(second.optimizer, first.optimizer);
    assert.ok(Number(second.decision.candidate) < 3 && Number(first.decision.candidate) > 6, 'each has found what its stage finds');
    assert.deepEqual(advances(nodes.follower), ['advanced to stage 1'], 'told once, by the accepted optimum');
    // The follower was there before the leader's optimum was accepted, and found nothing.
    const optimae = await nodes.follower.request('doin_optimae', ['staged']);
    assert.deepEqual(optimae.filter(({ id, optimizer }) => id < second.id && optimizer === second.optimizer), []);
    // The leader is further than the new best, and stays where it is.
    await until('the leader has taken in the new best', 60_000, async () => (await nodes.leader.request('doin_best', ['staged'])).optimum === second.id);
    assert.deepEqual(advances(nodes.leader), []);
  } catch (error) {
    Object.values(nodes).forEach((node) => node.printLog(60));
    throw error;
  }
});
