// Transactions of the scenarios: signed with the development accounts, followed to their finality.

import { Keyring } from '@polkadot/api';

/** How long a transaction may take to become final, in milliseconds. */
const TIMEOUT = 120_000;

/** The key pair of a secret such as `//Alice`. */
export const pair = (secret) => new Keyring({ type: 'sr25519', ss58Format: 42 }).addFromUri(secret);

/** Why a call failed, in words. */
function failure(api, dispatchError) {
  if (dispatchError.isModule) {
    const { section, name, docs } = api.registry.findMetaError(dispatchError.asModule);
    return `${section}.${name}: ${docs.join(' ')}`;
  }
  return dispatchError.toString();
}

/** Another transaction of the account came first: the nonce is taken. */
const OVERTAKEN = /outdated|Priority is too low|Usurped|Dropped|Invalid$/;
/** How often a transaction is signed anew when that happens. */
const ATTEMPTS = 5;

/** Signs and sends once. */
function attempt(api, transaction, signer, inBlock) {
  const what = `${transaction.method.section}.${transaction.method.method}`;
  let unsubscribe = () => {};
  let timer;
  return new Promise((resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`not within ${TIMEOUT / 1000} s: ${what}`)), TIMEOUT);
    transaction
      .signAndSend(signer, { nonce: -1 }, ({ status, events, dispatchError, isError }) => {
        const done = inBlock ? status.isInBlock || status.isFinalized : status.isFinalized;
        if (isError) {
          reject(new Error(`${what}: ${status.type}`));
        } else if (done) {
          const sudo = events.find(({ event }) => api.events.sudo.Sudid.is(event));
          const result = sudo?.event.data[0];
          if (dispatchError || result?.isErr) {
            reject(new Error(`${what} failed: ${failure(api, dispatchError ?? result.asErr)}`));
          }
          resolve({ hash: (status.isFinalized ? status.asFinalized : status.asInBlock).toHex(), events });
        }
      })
      .then((stop) => (unsubscribe = stop), reject);
  }).finally(() => {
    clearTimeout(timer);
    unsubscribe();
  });
}

/**
 * Sends a transaction and resolves when its block is final (or, with `inBlock`, when it is in a block), with
 * `{ hash, events }`. A call that fails is an error. The workers sign with some of these accounts too: what they overtake is
 * signed anew.
 */
export async function send(api, transaction, signer, { inBlock = false } = {}) {
  for (let left = ATTEMPTS - 1; ; left--) {
    try {
      return await attempt(api, transaction, signer, inBlock);
    } catch (error) {
      if (left === 0 || !OVERTAKEN.test(error.message)) {
        throw error;
      }
    }
  }
}
