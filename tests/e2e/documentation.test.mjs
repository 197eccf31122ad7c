// What the documentation names is there, and what is there is named: links, commands with their options, configuration keys,
// RPC methods, metrics. The binary under test is asked, not the source.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { BINARY, Node, runToEnd, temporaryFolder } from './lib/node.mjs';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const folder = temporaryFolder();

/** All pages, as paths from the repository's root. */
const pages = sources('.').filter((path) => path.endsWith('.md'));

/** All files below a folder. */
function sources(place) {
  return readdirSync(join(repository, place), { withFileTypes: true }).flatMap((entry) => {
    const path = join(place, entry.name);
    const others = ['node_modules', 'target', 'shared', '.git'];
    return entry.isDirectory() ? (others.includes(entry.name) ? [] : sources(path)) : [path];
  });
}

const read = (page) => readFileSync(join(repository, page), 'utf8');
const withoutBlocks = (text) => text.replace(/^ *```.*?^ *```/gms, '');

/** The anchors of a page's headings, as GitHub makes them. */
function anchors(page) {
  return [...withoutBlocks(read(page)).matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    heading
      .trim()
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\p{M} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

/** The first cells of a section's tables, with what is in backticks in them. */
function named(page, heading) {
  const text = read(page);
  const from = text.indexOf(`\n${heading}\n`);
  assert.ok(from >= 0, `${page} has a section ${heading}`);
  const section = text.slice(from + heading.length + 2).split(/^## /m)[0];
  return [...section.matchAll(/^\| (`[^|]*) \|/gm)].flatMap(([, cell]) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name));
}

const sorted = (names) => [...new Set(names)].sort();

test('links lead somewhere', () => {
  assert.ok(pages.length > 15, `pages: ${pages}`);
  const dead = [];
  for (const page of pages) {
    for (const [, link] of withoutBlocks(read(page)).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(link)) {
        continue;
      }
      const [path, anchor] = link.split('#');
      const target = path ? relative(repository, resolve(repository, dirname(page), path)) : page;
      if (!existsSync(join(repository, target))) {
        dead.push(`${page}: ${link}`);
      } else if (anchor && !anchors(target).includes(anchor)) {
        dead.push(`${page}: ${link} (no such heading)`);
      }
    }
  }
  assert.deepEqual(dead, []);
});

test('files and folders that are named lie there', () => {
  const missing = [];
  for (const page of pages) {
    for (const [, name] of withoutBlocks(read(page)).matchAll(/`([^`\s]+)`/g)) {
      const isOurs = /^(benches|chain-specs|devnet|docs|fuzz|node|pallets|primitives|rpc|runtime|scripts|sdk|tests|zombienet)\/[\w./-]+$/;
      const places = [repository, join(repository, dirname(page))];
      if (isOurs.test(name) && !places.some((place) => existsSync(join(place, name)))) {
        missing.push(`${page}: ${name}`);
      }
    }
  }
  assert.deepEqual(missing, []);
});

const helps = new Map();

/** The options of a command of the binary. */
function optionsOf(command) {
  if (!helps.has(command)) {
    const { status, stdout, stderr } = spawnSync(BINARY, [...command.split(' ').filter(Boolean), '--help'], { encoding: 'utf8' });
    assert.equal(status, 0, `${command} --help: ${stderr}`);
    helps.set(command, new Set([...stdout.matchAll(/^ +(?:-\w, )?(--[\w-]+)/gm)].map(([, option]) => option)));
  }
  return helps.get(command);
}

/** Our own commands and the SDK's, from the help. */
const commands = [...spawnSync(BINARY, ['--help'], { encoding: 'utf8' }).stdout.split('Options:')[0].matchAll(/^ {2}([a-z][\w-]+) {2,}/gm)].map(
  ([, name]) => name,
);

test('commands have the options that the pages give them', () => {
  assert.ok(commands.includes('setup') && commands.includes('infer'), `${commands}`);
  const wrong = [];
  let checked = 0;
  for (const page of pages) {
    const blocks = [...read(page).matchAll(/^ *```\w*\n(.*?)^ *```/gms)].map(([, block]) => block.replaceAll('\\\n', ' '));
    const spans = [...withoutBlocks(read(page)).matchAll(/`([^`\n]+)`/g)].map(([, span]) => span);
    const lines = blocks.flatMap((block) => block.split('\n'));
    for (const line of [...lines, ...spans]) {
      const [, before, call] = line.match(/^(.*?)(?<![\w-])doin-node (.*)$/) ?? [];
      // Of `cargo test -p doin-node` the options are cargo's.
      if (call === undefined || before.includes('cargo ') || before.endsWith('-p ')) {
        continue;
      }
      // What a shell would take for something else.
      const words = call.split(/\s[|>&;]|#|\d?>|\)/)[0].split(/\s+/);
      const command = commands.includes(words[0]) ? words[0] : '';
      // The second word of `key` is a command, too.
      const whole = command === 'key' && words[1] && !words[1].startsWith('-') ? `key ${words[1]}` : command;
      for (const word of words.filter((word) => /^--\w/.test(word))) {
        checked += 1;
        const option = word.split('=')[0];
        if (!optionsOf(whole).has(option)) {
          wrong.push(`${page}: doin-node ${whole} ${option}`);
        }
      }
    }
  }
  assert.ok(checked > 50, `only ${checked} options were found`);
  assert.deepEqual(wrong, []);
});

test('every command of our own is in the configuration page or the pages that it leads to', () => {
  const sdk = ['key', 'export-chain-spec', 'check-block', 'export-blocks', 'export-state', 'import-blocks', 'purge-chain', 'revert', 'chain-info', 'help'];
  const text = pages.map(read).join('\n');
  const missing = commands.filter((name) => !sdk.includes(name) && !text.includes(`doin-node ${name}`) && !text.includes(`\`${name}`));
  assert.deepEqual(missing, []);
});

test('the keys of the configuration are those of the page', async () => {
  const page = 'docs/configuration.md';
  const account = { account: '//Alice' };
  /** What the node says it knows where `nonsense` stands. */
  const known = async (configuration) => {
    const path = join(folder, 'keys.json');
    writeFileSync(path, JSON.stringify(configuration));
    const { status, output } = await runToEnd(['--dev', '--tmp', '--config', path]);
    assert.notEqual(status, 0);
    const [, list] = output.match(/unknown key "?nonsense"?; known are (.*)/) ?? [];
    const [, fields] = output.match(/unknown field `nonsense`, expected one of (.*)/) ?? [];
    assert.ok(list ?? fields, output);
    return sorted(list ? list.trim().split(', ') : [...fields.matchAll(/`(\w+)`/g)].map(([, name]) => name));
  };
  const nonsense = { nonsense: 1 };
  const inDomain = (roles) => ({ worker: { domains: { quadratic: roles } } });
  const python = named(page, '## `worker.domains.NAME.python`');
  const cases = [
    ['## `worker`', { worker: nonsense }],
    ['## `worker.domains.NAME`', inDomain(nonsense)],
    ['## `worker.domains.NAME.optimize`', inDomain({ optimize: { ...account, ...nonsense } })],
    ['## `worker.domains.NAME.evaluate`', inDomain({ evaluate: { accounts: ['//Bob'], ...nonsense } })],
    ['## `worker.compute`', { worker: { compute: nonsense } }],
    ['## `worker.artifacts`', { worker: { artifacts: nonsense } }],
  ];
  for (const [heading, configuration] of cases) {
    assert.deepEqual(sorted(named(page, heading)), await known(configuration), heading);
  }
  const outer = python.map((key) => key.split('.')[0]);
  assert.deepEqual(sorted(outer), await known(inDomain({ python: nonsense })));
  const limits = python.filter((key) => key.startsWith('limits.')).map((key) => key.slice('limits.'.length));
  assert.deepEqual(sorted(limits), await known(inDomain({ python: { limits: nonsense } })));
});

test('methods and metrics are those of the pages', async () => {
  const node = await Node.start(['--dev', '--tmp']);
  try {
    const { methods } = await node.request('rpc_methods');
    const ours = methods.filter((name) => name.startsWith('doin_'));
    assert.deepEqual(sorted(named('docs/rpc.md', '## Methods')), sorted(ours));

    const text = read('docs/configuration.md').split('## Metrics')[1];
    const documented = [...text.matchAll(/`(doin_\w+)/g)].map(([, name]) => name).filter((name) => !name.endsWith('_'));
    const served = [...(await node.metrics()).matchAll(/^# TYPE (doin_\w+) /gm)].map(([, name]) => name);
    assert.ok(served.length > 10, `${served}`);
    assert.deepEqual(served.filter((name) => !documented.includes(name)), [], 'served, and not documented');
    // Those with labels are served once something has happened: their names are in the sources that register them.
    const registered = sources('node').flatMap((path) =>
      path.endsWith('metrics.rs') ? [...read(path).matchAll(/"(doin_\w+)"/g)].map(([, name]) => name) : [],
    );
    assert.deepEqual(served.filter((name) => !registered.includes(name)), [], 'registered elsewhere');
    assert.deepEqual(sorted(documented), sorted(registered));
  } finally {
    await node.stop();
  }
});

test('the service unit is one, and takes nothing from plugins and model files that their sandbox needs', () => {
  // Without these the service would run none of them, or not see what they use.
  const unit = readFileSync(join(repository, 'scripts', 'doin-node.service'), 'utf8');
  const value = (key) => unit.match(new RegExp(`^${key}=(.*)$`, 'm'))?.[1] ?? '';
  const words = value('SystemCallFilter').split(' ');
  for (const call of ['@mount', 'seccomp', 'landlock_create_ruleset', 'landlock_add_rule', 'landlock_restrict_self']) {
    assert.ok(words.includes(call), `${call} in SystemCallFilter`);
  }
  assert.equal(value('SystemCallErrorNumber'), 'EPERM');
  assert.equal(value('ProtectProc'), '');
  for (const kind of ['user', 'pid', 'ipc', 'uts', 'net', 'mnt']) {
    assert.ok(value('RestrictNamespaces').split(' ').includes(kind), `${kind} in RestrictNamespaces`);
  }
  const { error, stderr, status } = spawnSync('systemd-analyze', ['--version'], { encoding: 'utf8' });
  if (error || status !== 0) {
    console.log(`systemd-analyze is not here: ${error ?? stderr}`);
    return;
  }
  const path = join(folder, 'doin-node.service');
  writeFileSync(path, unit.replace('/usr/local/bin/doin-node', BINARY));
  const verified = spawnSync('systemd-analyze', ['verify', '--man=no', path], { encoding: 'utf8' });
  assert.deepEqual(verified.stderr.split('\n').filter((line) => line.includes('doin-node.service')), []);
});
