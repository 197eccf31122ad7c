// Domains of one's own on a network: a Python project (the one of docs/writing-a-domain.md, as it stands there) and model
// files. Three nodes in processes of their own: one searches, two evaluate, all by their public interfaces.

import assert from 'node:assert/strict';
import { chmodSync, copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { followBlocks } from './lib/chain.mjs';
import { Node, runToEnd, temporaryFolder } from './lib/node.mjs';
import { addressOf, chainFile, height, until } from './lib/network.mjs';
import { Optima } from './lib/optimum.mjs';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const models = join(repository, 'node', 'onnx', 'tests', 'models');
const folder = temporaryFolder();
// What plugins read must be readable for everybody where the node runs as root.
chmodSync(folder, 0o755);
const offered = join(folder, 'offered');
mkdirSync(offered);
cpSync(join(repository, 'sdk', 'python', 'doin_sdk'), join(folder, 'sdk', 'doin_sdk'), {
  recursive: true,
  filter: (path) => !path.endsWith('__pycache__'),
});

/** The blocks of code of a language in a page of the documentation. */
function blocksOf(page, language) {
  const text = readFileSync(join(repository, 'docs', page), 'utf8');
  return [...text.matchAll(new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 'gs'))].map(([, block]) => block);
}

const python = {
  ...(existsSync('/usr/bin/python3') ? { interpreter: '/usr/bin/python3' } : {}),
  path: [join(folder, 'sdk'), join(folder, 'mine')],
};

function file(name, content) {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

/** A configuration with these roles in both domains. */
function configuration(name, roles, { offers = {}, files = {} } = {}) {
  const domain = (more) => ({ wait_for_registration: true, ...roles, ...more });
  const optimize = roles.optimize && { optimize: { ...roles.optimize, ...offers } };
  const domains = { mine: domain({ python }), spirals: domain({ ...optimize, ...files }) };
  return file(`${name}.json`, { worker: { compute: { backend: 'cpu' }, domains } });
}

const url = (node) => `ws://127.0.0.1:${node.rpcPort}`;
const evaluators = (...accounts) => ({ evaluate: { accounts, register: true } });
const chain = chainFile(folder, 'own', {});
const nodes = {};
const configurations = {};

before(async () => {
  mkdirSync(join(folder, 'mine'));
  writeFileSync(join(folder, 'mine', 'mine.py'), blocksOf('writing-a-domain.md', 'python')[0]);
  configurations.optimizer = configuration(
    'optimizer',
    { optimize: { account: '//Alice' } },
    { offers: { models: offered }, files: { files: [join(models, 'classifier.safetensors')] } },
  );
  configurations.first = configuration('first', evaluators('//Bob', '//Charlie'));
  configurations.second = configuration('second', evaluators('//Dave', '//Eve'));
  const start = async (name, args) => {
    const base = join(folder, name);
    nodes[name] = await Node.start(['--chain', chain, '--base-path', base, '--config', configurations[name], ...args]);
  };
  await start('optimizer', ['--validator', '--alice', '--unsafe-force-node-key-generation']);
  const boot = ['--bootnodes', await addressOf(nodes.optimizer)];
  await start('first', boot);
  await start('second', boot);
  await until('all nodes follow', 60_000, async () => {
    const heights = await Promise.all(Object.values(nodes).map((node) => height(node)));
    return heights.every((number) => number > 0);
  });
});
after(() => Promise.all(Object.values(nodes).map((node) => node.stop())));

/** Runs a body, and prints what the nodes have logged when it fails. */
const onNodes = (name, body) =>
  test(name, async () => {
    try {
      await body();
    } catch (error) {
      for (const [name, node] of Object.entries(nodes)) {
        console.error(`--- ${name} ---`);
        node.printLog(60);
      }
      throw error;
    }
  });

/** Runs a command of the node to its end. */
async function run(args, { fails = false } = {}) {
  const { status, output } = await runToEnd(args.map(String), { timeout: 240_000 });
  assert.equal(status === 0, !fails, `${args.join(' ')}:\n${output}`);
  assert.ok(!output.includes('panicked'), output);
  return output;
}

const place = (name) => ['--chain', chain, '--base-path', join(folder, name), '--rpc', url(nodes[name])];
const register = (description, more = []) => [
  'register-domain',
  description,
  '--config',
  configurations.optimizer,
  '--operator',
  '//Alice',
  ...place('optimizer'),
  ...more,
];
const infer = (name, domain, input) => [
  'infer',
  domain,
  typeof input === 'string' ? input : JSON.stringify(input),
  '--config',
  configurations[name],
  ...place(name),
];

const address = (name) =>
  ({
    '//Alice': '5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY',
  })[name];

/** Waits until an optimum of the domain is accepted that `is` the wanted one, and checks who has verified it. */
async function accepted(name, is, timeout) {
  const number = (await nodes.second.request('doin_best', [name])).domain;
  const api = nodes.second.api ?? (await nodes.second.connect());
  const optima = new Optima();
  const found = await followBlocks(api, { from: 1, timeout, what: `an accepted optimum of ${name}` }, async (block) => {
    optima.add(block);
    const best = await nodes.second.request('doin_best', [name, block.hash.toHex()]).catch(() => undefined);
    return best?.optimum != null && is(best) ? best : undefined;
  });
  const optimum = optima.of(String(found.optimum));
  assert.equal(optimum.outcome, 'Accepted');
  assert.ok(optimum.commit < optimum.reveal && optimum.reveal <= optimum.draw && optimum.draw < optimum.decision);
  const voters = new Set(optimum.votesRevealed.map(({ evaluator }) => evaluator));
  assert.ok(voters.size >= 3, `a quorum of three: ${[...voters]}`);
  assert.ok(!voters.has(address('//Alice')), 'nobody judges an optimum of his own');
  assert.equal((await nodes.second.request('doin_optimum', [found.optimum])).optimizer, address('//Alice'));
  assert.equal((await nodes.second.request('doin_optimum', [found.optimum])).domain, number);
  return found;
}

onNodes('a description or a domain that is wrong is refused before anything is paid', async () => {
  const description = JSON.parse(blocksOf('writing-a-domain.md', 'json')[0]);
  const wrong = async (name, change, words, more = []) => {
    const changed = structuredClone(description);
    change(changed);
    const output = await run(register(file(`wrong-${name}.json`, changed), more), { fails: true });
    const errors = output.split('\n').filter((line) => line.startsWith('doin-node: error: '));
    assert.equal(errors.length, 1, output);
    for (const word of words) {
      assert.ok(errors[0].includes(word), `"${word}" is named in: ${errors[0]}`);
    }
  };
  await wrong('key', (domain) => (domain.metric_skale = 1), ['wrong-key.json', 'metric_skale']);
  await wrong('name', (domain) => (domain.name = 'quadratic'), ['has a domain `quadratic` already']);
  // The name stays that of the configuration, which says where the module lies.
  await wrong('class', (domain) => (domain.model.plugins.inference = 'mine:Modell'), ['Modell']);
  await wrong('direction', (domain) => (domain.model.higher_is_better = true), ['higher_is_better']);
  await wrong('root', () => {}, ['root of this chain'], ['--approve', '1', '--suri-file', file('bob', '//Bob')]);
  await wrong('coin', () => {}, ['has 0 DOIN to spend'], ['--suri-file', file('nobody', '//Nobody')]);
  const dry = await run(register(file('dry.json', description), ['--dry-run']));
  assert.match(dry, /deposit +100 DOIN/);
  assert.match(dry, /fee +0\.\d+ DOIN/);
  assert.match(dry, /would register mine/);
  const names = (await nodes.optimizer.request('doin_domains')).map(({ name }) => name);
  assert.deepEqual(names, ['quadratic'], 'nothing was registered');
});

onNodes('a Python domain: from its description to an optimum that other nodes have verified', async () => {
  const description = file('domain.json', blocksOf('writing-a-domain.md', 'json')[0]);
  const output = await run(register(description, ['--approve', '1']));
  assert.match(output, /registered mine as domain 1/);
  assert.match(output, /approved it with the weight 1/);
  assert.match(output, /All of it is final/);
  const again = await run(register(description), { fails: true });
  assert.match(again, /has a domain `mine` already/);

  const best = await accepted('mine', () => true, 240_000);
  assert.equal(best.direction, 'minimize');
  assert.ok(Number(best.metric) < 2.9, `better than the baseline: ${best.metric}`);
  for (const node of Object.values(nodes)) {
    assert.match(node.log, /mine: sandbox in force: .*Landlock for files/);
  }
  // What was verified serves: on the node of an evaluator, which has fetched the parameters from the optimizer.
  const answer = await until('the parameters have arrived', 60_000, async () => {
    const { status, output } = await runToEnd(infer('second', 'mine', { x: [0, 1, 2] }), { timeout: 60_000 });
    return status === 0 && JSON.parse(output.trim().split('\n').pop());
  });
  assert.equal(answer.y.length, 3);
  assert.ok(Math.abs(answer.y[1] - answer.y[0]) > 0.01, `it has learned a slope: ${answer.y}`);
  const nothing = await run(infer('second', 'mine', '{'), { fails: true });
  assert.match(nothing, /error: .*not JSON/);
});

onNodes('model files: a better one replaces the best, and answers', async () => {
  const data = { file: join(models, 'classifier.safetensors'), labels: 'labels' };
  const description = file('spirals.json', {
    name: 'spirals',
    kind: 'onnx',
    model: {
      inputs: [{ name: 'points', type: 'float32', shape: [2], minimum: -4, maximum: 4, noise: 0.02 }],
      output: { name: 'scores', shape: [3] },
      metric: 'cross_entropy',
      data,
      samples: 100,
      batch: 50,
      limits: { bytes: 65536, nodes: 100, memory_mebibytes: 256, seconds: 10 },
    },
    metric_scale: 0.1,
  });
  const empty = await run(register(description), { fails: true });
  assert.match(empty, /error: .*no round of search has improved on the baseline/);
  copyFileSync(join(models, 'classifier-weak.onnx'), join(offered, 'a.onnx'));
  const output = await run(register(description, ['--approve', '1']));
  assert.match(output, /registered spirals as domain 2/);
  assert.match(output, /classifier\.safetensors, \d+ bytes, address 0x[0-9a-f]{64}/);
  const weak = await accepted('spirals', () => true, 240_000);

  for (const node of Object.values(nodes)) {
    assert.match(node.log, /spirals: sandbox in force: .*system call filter/);
  }

  copyFileSync(join(models, 'classifier.onnx'), join(offered, 'b.onnx'));
  const size = readFileSync(join(models, 'classifier.onnx')).length;
  const good = await accepted('spirals', (best) => best.artifact.size === size, 240_000);
  assert.ok(Number(good.metric) < Number(weak.metric), `${good.metric} is better than ${weak.metric}`);

  const answer = await run(infer('first', 'spirals', { points: [[1, 1], [-1, 0.5]] }));
  const { scores } = JSON.parse(answer.trim().split('\n').pop());
  assert.ok(scores.length === 2 && scores.every((row) => row.length === 3), answer);
  const wrong = await run(infer('first', 'spirals', { points: [[1]] }), { fails: true });
  assert.match(wrong, /error: /);
});
