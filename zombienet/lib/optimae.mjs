// What optimizers and evaluators hash and sign, for scripts that play them. See primitives/src/commitment.rs.

import { createHash, randomBytes } from 'node:crypto';

/** Metrics have so many digits after the point. */
const DIGITS = 18;

const sha256 = (...parts) => `0x${createHash('sha256').update(Buffer.concat(parts.map((part) => Buffer.from(part)))).digest('hex')}`;

/** A decimal number as doin_* methods write it, as the whole number that the chain stores. */
export function fixed(text) {
  const [, sign, whole, fraction = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text);
  return BigInt(`${sign}${whole}${fraction.padEnd(DIGITS, '0')}`);
}

/** The transactions of an optimum: `{ commitment, commit, reveal }`. `reported` is in units of 10⁻¹⁸. */
export function optimum(api, { domain, optimizer, artifact, reported }) {
  const nonce = randomBytes(32);
  const reveal = (commitment) => api.tx.optimae.reveal(commitment, artifact.root, artifact.size, reported, [], nonce);
  const [, root, size, metric] = reveal(`0x${'00'.repeat(32)}`).args;
  const commitment = sha256(
    'doin/commit',
    api.genesisHash.toU8a(),
    api.createType('u32', domain).toU8a(),
    optimizer.publicKey,
    root.toU8a(),
    size.toU8a(),
    metric.toU8a(),
    nonce,
  );
  return { commitment, commit: api.tx.optimae.commit(domain, commitment), reveal: reveal(commitment) };
}

/** The transactions of a vote: `{ commit, reveal }`. */
export function vote(api, { optimum, round, evaluator, values }) {
  const salt = randomBytes(32);
  const reveal = api.tx.quorum.revealVote(optimum, values, salt);
  const [number, encoded] = reveal.args;
  const commitment = sha256(
    'doin/vote',
    api.genesisHash.toU8a(),
    number.toU8a(),
    [round],
    evaluator.publicKey,
    encoded.toU8a(),
    salt,
  );
  return { commit: api.tx.quorum.commitVote(optimum, round, commitment), reveal };
}
