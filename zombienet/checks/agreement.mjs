// All nodes agree on one finalised chain, and all coin is accounted for.

import { agreement } from '../lib/agreement.mjs';

export default async function check({ nodes }) {
  const { number, hash, issuance } = await agreement(nodes.all);
  console.log(`agreement: ${nodes.all.length} nodes, block ${number} ${hash}, issuance ${issuance}`);
}
