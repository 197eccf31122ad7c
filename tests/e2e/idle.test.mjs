// A chain on which nobody works: it must not fill the disk, and must answer at once when there is something to do.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Keyring } from '@polkadot/api';
import { finalized } from './lib/chain.mjs';
import { Node, temporaryFolder, within } from './lib/node.mjs';

let node;
let api;

before(async () => {
  const config = join(temporaryFolder(), 'relay-only.json');
  writeFileSync(config, '{}');
  node = await Node.start(['--dev', '--tmp', '--config', config]);
  api = await node.connect();
});
after(() => node?.stop());

test('one transfer on an idle chain is included within two slots and final without further traffic', () =>
  node.observe(async () => {
    const slotDuration = 2_000;
    const ferdie = new Keyring({ type: 'sr25519' }).addFromUri('//Ferdie');
    const transfer = await api.tx.balances.transferKeepAlive(ferdie.address, 1n).signAsync(ferdie, { nonce: 0 });
    const submitted = Date.now();
    let unsubscribe = () => {};
    const included = await within(
      30_000,
      'the transfer is included',
      new Promise((resolve, reject) => {
        transfer
          .send(({ status, isError }) => {
            if (isError) {
              reject(new Error(status.toString()));
            } else if (status.isInBlock || status.isFinalized) {
              resolve(status.isInBlock ? status.asInBlock : status.asFinalized);
            }
          })
          .then((stop) => (unsubscribe = stop), reject);
      }),
    ).finally(() => unsubscribe());
    const { block } = await api.rpc.chain.getBlock(included);
    const timestamp = (await (await api.at(included)).query.timestamp.now()).toNumber();
    assert.ok(timestamp - submitted <= 2 * slotDuration, `included ${timestamp - submitted} ms after it was submitted`);
    await finalized(api, block.header.number.toNumber(), 30_000);
  }));
