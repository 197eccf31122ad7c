// A configuration that cannot work stops the start with one clear line that says what and where, and damages nothing.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, relative } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { followBlocks } from './lib/chain.mjs';
import { BINARY, freePort, Node, runToEnd, temporaryFolder } from './lib/node.mjs';

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

test('a start that is refused for its roles leaves nothing behind', async () => {
  const unknown = computeWith('cpu');
  unknown.worker.domains = { qadratic: unknown.worker.domains.quadratic };
  const stranger = computeWith('cpu');
  stranger.worker.domains.quadratic.optimize.account = '5DAAnrj7VHTznn2AWBemMuyBwZWs6FNFjdyVXUeYum3PTXFy';
  const cases = [
    ['unknown', unknown, ['qadratic', 'quadratic'], {}],
    ['stranger', stranger, ['quadratic.optimize.account', 'key insert'], {}],
    ['device', computeWith('gpu'), NO_DRIVER_WORDS, NO_DRIVER],
  ];
  for (const [name, config, words, env] of cases) {
    const path = file(`nothing-${name}.json`, config);
    const base = join(folder, `nothing-${name}`);
    await refuses(['--dev', '--base-path', base, '--config', path, ...(await ports())], words, { env });
    const written = existsSync(base) ? readdirSync(base, { recursive: true }).map(String) : [];
    assert.deepEqual(written.filter((entry) => /db|rocksdb|worker/.test(entry)), [], `${name}: no chain was begun`);

    const temporary = join(folder, `temporary-${name}`);
    mkdirSync(temporary);
    await refuses(['--dev', '--tmp', '--config', path, ...(await ports())], words, { env: { ...env, TMPDIR: temporary } });
    assert.deepEqual(readdirSync(temporary), [], `${name}: the temporary folder is gone`);
  }
});

test('an ordinary stop is quiet', async () => {
  const node = await Node.start(['--dev', '--tmp', '--config', file('quiet.json', computeWith('cpu'))]);
  const { status } = await node.stop();
  assert.equal(status, 0);
  assert.doesNotMatch(node.log, /Essential task|failed|still running/);
});

for (const option of ['--rpc-port', '--port', '--prometheus-port']) {
  test(`a port in use is named with its option ${option}`, async () => {
    const server = createServer();
    const port = await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server.address().port)));
    try {
      const args = ['--dev', '--tmp'];
      for (const each of ['--rpc-port', '--port', '--prometheus-port']) {
        args.push(each, String(each === option ? port : await freePort()));
      }
      // The space after the option: what is named must not be another option that begins alike.
      const line = await refuses(args, [`port ${port} `]);
      assert.match(line, new RegExp(` with ${option}( |$)`));
    } finally {
      server.close();
    }
  });
}

test('a chain file that does not exist is named', async () => {
  await refuses(['--chain', join(folder, 'no-chain.json'), '--tmp', ...(await ports())], ['no-chain.json']);
});

test('a chain file that is none is named', async () => {
  const path = file('wrong-chain.json', { name: 'not a chain' });
  await refuses(['--chain', path, '--tmp', ...(await ports())], ['wrong-chain.json', 'chain specification']);
});

/** Where these point there is no driver, so that the Vulkan loader finds none: neither a GPU's nor Mesa's. */
const NO_DRIVER = { VK_DRIVER_FILES: '/nonexistent.json', VK_ICD_FILENAMES: '/nonexistent.json' };
/** What is missing, where it was asked for, what to install, and what to do without. */
const NO_DRIVER_WORDS = ['worker.compute.backend', 'no adapter', 'Vulkan driver', 'mesa-vulkan-drivers', '"cpu"'];
const computeWith = (backend) => ({ worker: { ...optimize({}).worker, compute: { backend } } });

for (const backend of ['auto', 'gpu']) {
  test(`a machine without any Vulkan driver is told what to install with backend ${backend}`, async () => {
    const path = file(`${backend}.json`, computeWith(backend));
    await refuses(['--dev', '--tmp', '--config', path, ...(await ports())], NO_DRIVER_WORDS, { env: NO_DRIVER });
  });
}

test('a machine without any Vulkan driver is told what to install by --dev without a file', async () => {
  await refuses(['--dev', '--tmp', ...(await ports())], NO_DRIVER_WORDS, { env: NO_DRIVER });
});

test('without any Vulkan driver the backend cpu works, as the message says', async () => {
  const path = file('cpu.json', computeWith('cpu'));
  const node = await Node.start(['--dev', '--tmp', '--config', path], { env: NO_DRIVER });
  await node.stop();
});

/** SHA-256 of each file below `base`, by its path. */
function fingerprints(base) {
  const hash = (path) => createHash('sha256').update(readFileSync(path)).digest('hex');
  return Object.fromEntries(
    readdirSync(base, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
      .map((path) => [relative(base, path), hash(path)])
      .sort(),
  );
}

test('a refused start leaves the data of an earlier one as they are', async () => {
  const base = join(folder, 'base');
  const busy = computeWith('cpu');
  // With evaluators too, since there are few blocks where nothing is judged.
  busy.worker.domains.quadratic.evaluate = { accounts: ['//Bob', '//Charlie', '//Dave', '//Eve'] };
  const sound = file('sound.json', busy);
  const run = ['--dev', '--base-path', base, '--config', sound];

  /** Genesis and best block of a node that has run until it had blocks beyond `height`. */
  const sees = async (height) => {
    const node = await Node.start(run);
    const seen = await node.observe(async () => {
      const api = await node.connect();
      const genesis = await node.request('chain_getBlockHash', [0]);
      const atStart = Number((await node.request('chain_getHeader')).number);
      // Blocks are there to be lost, and the node goes on making them.
      await followBlocks(api, { from: height + 1, timeout: 60_000, what: 'two more blocks' }, ({ number }) =>
        number >= height + 2 ? number : undefined,
      );
      return { genesis, atStart, height: Number((await node.request('chain_getHeader')).number) };
    });
    await node.stop();
    return seen;
  };

  const first = await sees(0);
  const before = fingerprints(base);
  assert.ok(Object.keys(before).some((path) => path.includes('/db/')), 'there is a database to be damaged');
  assert.ok(Object.keys(before).some((path) => path.includes('/worker/')), 'there is a journal to be damaged');

  // Refused before anything is opened: not one byte may change.
  const early = [
    [['--dev', '--config', file('damage-key.json', { wroker: {} })], ['wroker']],
    [['--dev', '--config', file('damage-type.json', optimize({ population: 'many' }))], ['population']],
    [['--chain', file('damage-chain.json', { id: 'doin_dev', name: 'no chain' }), '--config', sound], ['damage-chain']],
  ];
  for (const [args, words] of early) {
    await refuses([...args, '--base-path', base, ...(await ports())], words);
    assert.deepEqual(fingerprints(base), before, `after a start refused for ${words[0]}`);
  }

  // Refused when the chain is open already: the database writes its own logs then, but the chain goes on.
  const unknown = computeWith('cpu');
  unknown.worker.domains = { qadratic: unknown.worker.domains.quadratic };
  for (const [config, words] of [[unknown, ['qadratic']], [computeWith('gpu'), NO_DRIVER_WORDS]]) {
    const path = file('damage-late.json', config);
    const args = ['--dev', '--base-path', base, '--config', path, ...(await ports())];
    await refuses(args, words, { env: NO_DRIVER });
  }

  const second = await sees(first.height);
  assert.equal(second.genesis, first.genesis);
  assert.ok(second.atStart >= first.height, `restarted at ${second.atStart}, stopped at ${first.height}`);
});

test('a chain file with another genesis is not run on the database of a chain with the same id', async () => {
  const { status, stdout } = spawnSync(BINARY, ['export-chain-spec', '--chain', 'dev'], { maxBuffer: 1 << 28 });
  assert.equal(status, 0);
  const specification = JSON.parse(stdout);
  const ours = file('ours.json', specification);
  // A little more on one account: nothing else tells the two chains apart. (One unit would be lost in a double.)
  specification.genesis.runtimeGenesis.patch.balances.balances[0][1] += 1_000_000;
  const other = file('other.json', specification);

  const base = join(folder, 'same-id');
  const node = await Node.start(['--chain', ours, '--base-path', base]);
  const genesis = await node.request('chain_getBlockHash', [0]);
  await node.stop();
  // The file, and what was found instead of its genesis.
  await refuses(['--chain', other, '--base-path', base, ...(await ports())], ['other.json', 'genesis', genesis]);

  const again = await Node.start(['--chain', ours, '--base-path', base]);
  assert.equal(await again.request('chain_getBlockHash', [0]), genesis);
  await again.stop();
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
