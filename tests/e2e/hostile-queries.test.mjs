// Whoever reaches the RPC may send what he likes: the node answers with an error, and goes on.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Node } from './lib/node.mjs';

let node;
before(async () => {
  node = await Node.start(['--dev', '--tmp']);
});
after(() => node.stop());

/** What the node answers to a body: its JSON, or the HTTP status, or nothing where it has closed the connection. */
async function post(body, headers = {}) {
  try {
    const response = await fetch(`http://127.0.0.1:${node.rpcPort}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body,
    });
    const text = await response.text();
    return response.ok ? JSON.parse(text) : { status: response.status };
  } catch (error) {
    assert.ok(error.cause || error instanceof SyntaxError, error);
    return { closed: true };
  }
}

const call = (method, params) => JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
const infer = (input) => `{"jsonrpc":"2.0","id":1,"method":"doin_infer","params":["quadratic",${input}]}`;
const target = JSON.stringify({ target: Array(10).fill(0) });
const BAD_INPUT = 20012;
const BUSY = 20013;

async function goesOn() {
  assert.equal((await node.request('system_health')).isSyncing, false);
  assert.equal(typeof (await node.request('doin_status')).block.number, 'number');
  const { output } = await node.request('doin_infer', ['quadratic', JSON.parse(target)]);
  assert.ok(output !== undefined);
  assert.ok(!node.log.includes('panicked'), 'nothing panicked');
}

test('input that is none is refused by the model, whatever its depth and size', async () => {
  await node.observe(async () => {
    const inputs = {
      deep: '['.repeat(200_000) + ']'.repeat(200_000),
      'deep objects': '{"target":'.repeat(100_000) + '1' + '}'.repeat(100_000),
      large: JSON.stringify({ target: Array(3_000_000).fill(0) }),
      'a number that is none': '{"target":[1e999]}',
      'a short one': '{"target":[1]}',
      'half a byte': '"0x0"',
      'no hexadecimal digits': '"0xzz"',
      nothing: 'null',
    };
    for (const [name, input] of Object.entries(inputs)) {
      assert.equal((await post(infer(input))).error?.code, BAD_INPUT, name);
      await goesOn();
    }
  });
});

test('requests that are none, or too large, end with themselves', async () => {
  await node.observe(async () => {
    for (const body of ['', '{', '[]', 'null', '\u0000', '['.repeat(1_000_000), call('doin_nothing', []), call('doin_optimum', [-1])]) {
      const answer = await post(body);
      assert.ok(answer.error || answer.status >= 400 || answer.closed, `${body.slice(0, 40)}: ${JSON.stringify(answer).slice(0, 200)}`);
    }
    // Above the server's limit of 15 MiB.
    const large = await post(infer(JSON.stringify('x'.repeat(17 << 20))));
    assert.ok(large.closed || large.status === 413 || large.error, JSON.stringify(large));
    await goesOn();
  });
});

test('a flood of queries is answered, or refused as too many, and the rest of the RPC goes on meanwhile', async () => {
  await node.observe(async () => {
    const large = infer(JSON.stringify({ target: Array(10).fill(0), more: 'x'.repeat(2 << 20) }));
    const flood = Array.from({ length: 80 }, (_, index) => post(index % 2 ? large : infer(target)));
    await goesOn();
    const codes = (await Promise.all(flood)).map(({ result, error, closed }) => (result ? 'answered' : closed ? 'closed' : error?.code));
    assert.deepEqual([...new Set(codes)].filter((code) => !['answered', 'closed', BAD_INPUT, BUSY].includes(code)), []);
    assert.ok(codes.includes('answered'), `${codes}`);

    const batch = `[${Array(500).fill(infer(target)).join(',')}]`;
    const answers = await post(batch);
    assert.equal(answers.length, 500);
    await goesOn();
  });
});

test('who comes from another machine, by a proxy for instance, does not reach what changes the node', async () => {
  const open = await Node.start(['--dev', '--tmp', '--rpc-methods', 'safe']);
  try {
    await open.observe(async () => {
      const changing = {
        author_rotateKeys: [],
        author_insertKey: ['oper', '//Mallory', `0x${'00'.repeat(32)}`],
        system_addReservedPeer: ['/ip4/203.0.113.5/tcp/30333/p2p/12D3KooWHTr1KMorXKZnHrsETM51CbHy2jhCSxmBug1iAfuLWiq7'],
        system_peers: [],
        system_addLogFilter: ['trace'],
      };
      for (const [method, params] of Object.entries(changing)) {
        await assert.rejects(open.request(method, params), /unsafe/, method);
        // Of a node that only this machine reaches they are there.
        await node.request(method, params).catch((error) => assert.doesNotMatch(error.message, /unsafe/));
      }
      assert.ok(await open.request('doin_status'));
    });
  } finally {
    await open.stop();
  }
});
