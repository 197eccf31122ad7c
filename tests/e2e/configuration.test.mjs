// A configuration that cannot work stops the start with one clear line that says what and where, and damages nothing.

import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { freePort, Node, runToEnd, temporaryFolder } from './lib/node.mjs';

const folder = temporaryFolder();

function file(name, content) {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

async function ports() {
  return ['--rpc-port', await freePort(), '--port', await freePort(), '--no-prometheus'].map(String);
}

/** Starts the node, which must refuse with one line that has all the words in it. */
async function refuses(args, words, options) {
  const { status, signal, output } = await runToEnd(args, options);
  assert.equal(signal, null, `the node did not stop by itself:\n${output}`);
  assert.notEqual(status, 0, `the node ended well:\n${output}`);
  const errors = output.split('\n').filter((line) => /^(doin-node: )?error\b/i.test(line));
  assert.equal(errors.length, 1, `one line says what is wrong:\n${output}`);
  for (const word of words) {
    assert.ok(errors[0].includes(word), `"${word}" is named in: ${errors[0]}`);
  }
  assert.ok(!output.includes('panicked'), output);
  return errors[0];
}

const optimize = (more) => ({ worker: { domains: { quadratic: { optimize: { account: '//Alice', ...more } } } } });

test('an unknown key at the top is named', async () => {
  const path = file('top.json', { wroker: {} });
  await refuses(['--dev', '--tmp', '--config', path, ...(await ports())], ['top.json', 'wroker', 'unknown key']);
});

test('an unknown key deep inside is named with its place', async () => {
  const path = file('deep.json', optimize({ evals: 3 }));
  await refuses(
    ['--dev', '--tmp', '--config', path, ...(await ports())],
    ['deep.json', 'worker.domains.quadratic.optimize', 'evals', 'evaluations_per_round'],
  );
});

test('a value of the wrong type is named', async () => {
  const path = file('type.json', optimize({ evaluations_per_round: 'many' }));
  await refuses(['--dev', '--tmp', '--config', path, ...(await ports())], ['type.json', 'evaluations_per_round']);
});

test('a file that is not JSON is named', async () => {
  const path = file('broken.json', '{ "worker": ');
  await refuses(['--dev', '--tmp', '--config', path, ...(await ports())], ['broken.json', 'JSON']);
});

test('a configuration file that does not exist is named', async () => {
  const path = join(folder, 'nowhere.json');
  await refuses(['--dev', '--tmp', '--config', path, ...(await ports())], ['nowhere.json']);
});

test('a domain that the chain does not know is named, with those it knows', async () => {
  const path = file('domain.json', { worker: { domains: { qadratic: { optimize: { account: '//Alice' } } } } });
  await refuses(['--dev', '--tmp', '--config', path, ...(await ports())], ['qadratic', 'quadratic']);
});

test('a port in use is named with its option', async () => {
  const server = createServer();
  const port = await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server.address().port)));
  try {
    const args = ['--dev', '--tmp', '--rpc-port', port, '--port', await freePort(), '--no-prometheus'].map(String);
    await refuses(args, [String(port), '--rpc-port']);
  } finally {
    server.close();
  }
});

test('a chain file that does not exist is named', async () => {
  await refuses(['--chain', join(folder, 'no-chain.json'), '--tmp', ...(await ports())], ['no-chain.json']);
});

test('a chain file that is none is named', async () => {
  const path = file('wrong-chain.json', { name: 'not a chain' });
  await refuses(['--chain', path, '--tmp', ...(await ports())], ['wrong-chain.json', 'chain specification']);
});

test('a machine without any Vulkan driver is told so when a GPU is asked for', async () => {
  const path = file('gpu.json', { worker: { ...optimize({}).worker, compute: { backend: 'gpu' } } });
  const env = { VK_DRIVER_FILES: '/nonexistent.json', VK_ICD_FILENAMES: '/nonexistent.json' };
  await refuses(['--dev', '--tmp', '--config', path, ...(await ports())], ['worker.compute'], { env });
});

test('a refused start leaves the data of an earlier one as they are', async () => {
  const base = join(folder, 'base');
  const path = file('damage.json', { wroker: {} });
  const before = existsSync(base) ? readdirSync(base) : [];
  await refuses(['--dev', '--base-path', base, '--config', path, ...(await ports())], ['wroker']);
  assert.deepEqual(existsSync(base) ? readdirSync(base) : [], before);
  assert.equal(readFileSync(path, 'utf8'), '{"wroker":{}}');
});

test('the testnet file and the built-in testnet are one chain, and a node starts on it', async () => {
  const path = fileURLToPath(new URL('../../chain-specs/testnet.json', import.meta.url));
  const genesis = [];
  for (const chain of [path, 'testnet']) {
    const node = await Node.start(['--chain', chain, '--base-path', join(folder, `testnet-${genesis.length}`)]);
    try {
      assert.equal(await node.request('system_chain'), 'DOIN testnet');
      genesis.push(await node.request('chain_getBlockHash', [0]));
      // The node understands the runtime that the chain began with.
      const domains = await node.request('doin_domains');
      assert.deepEqual(domains.map((domain) => domain.name), ['quadratic']);
    } finally {
      await node.stop();
    }
  }
  assert.equal(genesis[0], genesis[1]);
});
