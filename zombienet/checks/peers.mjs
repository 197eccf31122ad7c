// Every node has at least so many peers: `peers,2`.

import { until } from '../../devnet/lib/node.mjs';

export default async function check({ nodes, args: [wanted] }) {
  for (const node of nodes.all) {
    await until(`${node.name} has ${wanted} peers`, async () => (await node.request('system_health')).peers >= Number(wanted));
  }
}
