// The picture of the network, without a network: what it says, and that it fits.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plan, rolesOf } from '../lib/plan.mjs';
import { Events } from '../lib/state.mjs';
import { cut, eventLine, picture, plainLine, width } from '../lib/view.mjs';

const state = (more = {}) => ({
  peers: 3,
  syncing: false,
  best: 12_345,
  finalized: 12_343,
  height: 17,
  accumulated: 0.0123,
  threshold: 0.0204,
  metric: -407.968811,
  reputation: 10.349,
  ...more,
});
const running = () => ({ isRunning: true, lastWords: () => '' });
const dead = () => ({
  isRunning: false,
  exit: { signal: 'SIGKILL' },
  lastWords: () => 'signal SIGKILL; last line: 2026-11-21 12:00:00 Imported #7',
});
const network = (count) =>
  plan(count).map((node) => ({ ...node, process: running(), state: state(), logPath: `/tmp/x/${node.name}/node.log` }));
const draw = (nodes, size, events = []) =>
  picture({ nodes, events, startedAt: 0, folder: '/tmp/doin-devnet-abc', now: 65_000 }, size);

test('any number of nodes fits into 80 x 24 and any other terminal', () => {
  const events = Array.from({ length: 50 }, (_, index) => ({ time: '12:00:00', text: `⛏ event ${index} `.repeat(20) }));
  for (const size of [{ columns: 80, rows: 24 }, { columns: 40, rows: 10 }, { columns: 200, rows: 50 }]) {
    for (const count of [2, 4, 6, 12]) {
      const lines = draw(network(count), size, events);
      assert.equal(lines.length, size.rows);
      for (const line of lines) {
        assert.ok(width(line) <= size.columns, `${width(line)} cells: ${line}`);
      }
    }
  }
});

test('the table says what is known of each node', () => {
  const text = draw(network(4), { columns: 80, rows: 24 }, [{ time: '12:00:01', text: 'something happened' }]).join('\n');
  for (const word of ['alice', 'boot auth opt', '12345', '12343', '0.0123/0.0204', '-407.97', '10.35', '1:05', 'something']) {
    assert.ok(text.includes(word), `${word} in\n${text}`);
  }
});

test('the newest events are shown, and the way out', () => {
  const events = Array.from({ length: 50 }, (_, index) => ({ time: '12:00:00', text: `event-${index}-` }));
  const text = draw(network(4), { columns: 80, rows: 24 }, events).join('\n');
  assert.ok(text.includes('event-49-') && !text.includes('event-0-'));
  assert.ok(text.includes('Ctrl-C'));
});

test('a dead node is shown as dead, with its last words and its log', () => {
  const nodes = network(4);
  nodes[1].process = dead();
  for (const text of [draw(nodes, { columns: 120, rows: 24 }).join('\n'), plainLine(nodes[1])]) {
    assert.match(text, /DEAD \(signal SIGKILL; last line: .*Imported #7\)/);
    assert.ok(text.includes('/tmp/x/bob/node.log'));
  }
});

test('nodes that do not answer yet, or not any more, say so', () => {
  const [alice, bob, charlie, dave] = network(4);
  Object.assign(alice, { state: undefined });
  Object.assign(bob, { silentSince: 1 });
  Object.assign(charlie, { process: undefined, state: undefined });
  Object.assign(dave, { process: undefined, state: undefined, joinsAt: 75_500 });
  const text = draw([alice, bob, charlie, dave], { columns: 80, rows: 24 }).join('\n');
  for (const word of ['starting', 'does not answer', 'not started yet', 'joins in 11 s']) {
    assert.ok(text.includes(word), `${word} in\n${text}`);
  }
});

test('a metric that a season has made unknown is no number', () => {
  const [node] = network(2);
  node.state.metric = undefined;
  assert.ok(draw([node], { columns: 80, rows: 24 }).join('\n').includes('unknown'));
});

test('cutting counts cells and removes what would disturb the terminal', () => {
  assert.equal(cut('abcdef', 4), 'abc…');
  assert.equal(cut('a\u001b[31mb\u0007c', 10), 'ab c');
  assert.equal(width(cut('⛏💔💔💔', 4)) <= 4, true);
});

test('the roles of a plan are sound for every number of nodes', () => {
  for (let count = 2; count <= 12; count++) {
    const nodes = plan(count);
    assert.equal(nodes.length, count);
    assert.ok(nodes[0].boot && nodes[0].authority && nodes[0].optimizer);
    const evaluators = nodes.flatMap((node) => node.evaluators);
    assert.ok(evaluators.length >= 4, 'a quorum of three, and one to spare');
    assert.equal(new Set(evaluators).size, evaluators.length, 'no account twice');
    const optimizers = nodes.filter(({ optimizer }) => optimizer).map(({ secret }) => secret);
    assert.ok(!evaluators.some((secret) => optimizers.includes(secret)), 'nobody is left out of its own quorum');
    assert.ok(nodes.every((node) => rolesOf(node).length <= 15));
  }
  assert.throws(() => plan(1));
  assert.throws(() => plan(13));
});

test('what happens twice is told twice, however many nodes report it', () => {
  const line = '2026-11-21 12:00:00 · quadratic: 5GrwvaEF… committed to an optimum';
  const events = new Events();
  for (const name of ['alice', 'bob', 'alice', 'bob', 'charlie']) {
    events.read({ name, process: { newLines: () => [line] } });
  }
  assert.equal(events.list.length, 2);
});

test('an event that all nodes report is kept once; troubles carry the name of their node', () => {
  const lines = {
    alice: ['2026-11-21 12:00:00 ⛏ optimization block 1: Σ 0.65 ≥ T 0.02', '2026-11-21 12:00:01 💤 Idle (3 peers)'],
    bob: ['2026-11-21 12:00:00 ⛏ optimization block 1: Σ 0.65 ≥ T 0.02', '2026-11-21 12:00:02 WARN tokio: slow'],
  };
  const events = new Events();
  for (const [name, fresh] of Object.entries(lines)) {
    events.read({ name, process: { newLines: () => fresh } });
  }
  assert.deepEqual(events.list.map(eventLine), [
    '12:00:00 ⛏ optimization block 1: Σ 0.65 ≥ T 0.02',
    '12:00:02 bob: WARN tokio: slow',
  ]);
});
