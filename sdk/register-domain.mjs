// Registers a domain from the file that `python3 -m doin_sdk.trial --registration FILE` has written, and approves it:
//
//   node sdk/register-domain.mjs FILE [URL] [ACCOUNT]
//
// ACCOUNT signs: a development account (//Alice, root of the development chains) or a secret phrase. What the file does not
// say is as in the chain's first domain. Needs the packages of tests/e2e (`npm ci --prefix tests/e2e`).

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const [file, url = 'ws://127.0.0.1:9944', secret = '//Alice'] = process.argv.slice(2);
if (!file) {
  console.error('usage: node sdk/register-domain.mjs FILE [URL] [ACCOUNT]');
  process.exit(2);
}
const require = createRequire(process.env.DOIN_NPM ?? new URL('../tests/e2e/package.json', import.meta.url));
const { ApiPromise, Keyring, WsProvider } = require('@polkadot/api');
const { cryptoWaitReady } = require('@polkadot/util-crypto');

const hex = (text) => `0x${Buffer.from(text).toString('hex')}`;
/** A number as the chain's fixed-point numbers: with 18 decimals. */
const fixed = (number) => BigInt(Math.round(number * 1e9)) * 10n ** 9n;

const domain = JSON.parse(readFileSync(file, 'utf8'));
await cryptoWaitReady();
const api = await ApiPromise.create({ provider: new WsProvider(url), noInitWarn: true });
const signer = new Keyring({ type: 'sr25519' }).addFromUri(secret);
const send = (transaction) =>
  new Promise((resolve, reject) => {
    transaction
      .signAndSend(signer, ({ status, events, dispatchError }) => {
        if (dispatchError) {
          const { section, name, docs } = dispatchError.isModule ? api.registry.findMetaError(dispatchError.asModule) : {};
          reject(new Error(name ? `${section}.${name}: ${docs.join(' ')}` : dispatchError.toString()));
        } else if (status.isInBlock) {
          resolve(events);
        }
      })
      .catch(reject);
  });

const first = (await api.query.domains.domains(0)).unwrap().specification.toJSON();
const specification = {
  ...first,
  name: hex(domain.name),
  kind: hex(domain.kind),
  model: hex(JSON.stringify(domain.model)),
  direction: domain.model.higher_is_better ? 'Maximize' : 'Minimize',
  syntheticData: domain.model.plugins.synthetic_data !== undefined,
  metricScale: fixed(domain.metric_scale ?? 1),
  minimumStep: fixed(domain.minimum_step ?? 0.02),
  pairedNoise: fixed(domain.paired_noise),
  absoluteTolerance: fixed(domain.absolute_tolerance),
  maximumArtifactSize: domain.model.parameters_bytes ?? 1048576,
  seasonLength: domain.season_length ?? 0,
};
const events = await send(api.tx.domains.register(specification, domain.baseline, fixed(domain.baseline_metric)));
const [number] = events.find(({ event }) => api.events.domains.DomainRegistered.is(event)).event.data;
console.log(`registered ${domain.name} as domain ${number}`);
const results = await send(api.tx.sudo.sudo(api.tx.domains.approve(number, fixed(1))));
const approved = results.some(({ event }) => event.section === 'domains');
console.log(approved ? 'approved with weight 1' : 'not approved: only the root of the chain can');
await api.disconnect();
