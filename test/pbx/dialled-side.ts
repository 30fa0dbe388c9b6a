import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunningPbx } from '../../scripts/pbx-instance.mjs';

/**
 * Where the trunk goes, in the same Asterisk: what is called there takes the call as the dial plan `[carrier]` says, customers and the agents'
 * telephones alike. SIP and RTP between the two sides are real.
 */
export const putDialledSide = async (pbx: RunningPbx, agents: readonly string[], carrier: string): Promise<void> => {
  const { customer, sip } = pbx.descriptor;
  const telephone = (agent: string): string => `
[${agent}]
type = endpoint
context = from-agents
transport = transport-udp
aors = ${agent}
disallow = all
allow = alaw
direct_media = no

[${agent}]
type = aor
contact = sip:${agent}@${customer.host}:${customer.port}
`;
  appendFileSync(
    join(pbx.dir, 'etc/pjsip.conf'),
    `
[transport-carrier]
type = transport
protocol = udp
bind = ${customer.host}:${customer.port}

[carrier]
type = endpoint
context = carrier
transport = transport-carrier
disallow = all
allow = alaw
direct_media = no

[carrier]
type = identify
endpoint = carrier
match = ${sip.host}
${agents.map(telephone).join('')}`,
  );
  appendFileSync(join(pbx.dir, 'etc/extensions.conf'), `\n[carrier]\n${carrier}`);
  await pbx.restart();
};
