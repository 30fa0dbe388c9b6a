import { uuidv7 } from '../shared/ids.ts';
import { systemRandom } from './ambient.ts';
import type { Database } from './db.ts';
import { heldBy } from './holdings.ts';
import type { Secrets } from './secrets.ts';
import { orderSeat, seatsNow } from './seats.ts';

/**
 * Seats for whoever runs central: which there are, whose data lies on one of them (security 44), and orders to one (security 34).
 * @returns what to print
 * @throws Error with a sentence
 */
export const seatsCommand = async (
  { db }: Database,
  secrets: Secrets,
  asked: { readonly seat?: string; readonly order?: string; readonly reason?: string; readonly nowMs: number },
): Promise<string> => {
  const { seat, order, nowMs } = asked;
  if (order === undefined)
    return seat === undefined ? list(await seatsNow(db), nowMs) : holdingsText(await heldBy(db, seat));
  if (order !== 'lock' && order !== 'wipe' && order !== 'unlock') throw new Error('--order is lock, wipe or unlock.');
  if (seat === undefined) throw new Error('--order needs --seat ID, as "npm run central -- seats" shows it.');
  const reason = asked.reason ?? '';
  if (reason.length < 3) throw new Error('--reason says why, for the audit trail.');
  const given = await orderSeat(
    db,
    secrets,
    { seatId: seat, kind: order, reason, by: 'operator' },
    { id: uuidv7(nowMs, systemRandom(10)), nowMs },
  );
  if (given.ok) return `seat ${seat} is ${given.value.status}\n`;
  throw new Error(given.error.kind === 'notFound' ? `There is no seat ${seat}.` : `Seat ${seat} was wiped already.`);
};

const list = (seats: Awaited<ReturnType<typeof seatsNow>>, nowMs: number): string => {
  const lines = seats.map(({ seatId, status, agentNumber, agentName, seenAtMs, protocol, waiting, held, lookedUp }) =>
    [
      seatId,
      status,
      `${agentNumber} ${agentName}`,
      `${Math.max(0, Math.round((nowMs - seenAtMs) / 1_000))} s ago`,
      `v${protocol}`,
      waiting === null ? '?' : String(waiting),
      String(held),
      String(lookedUp),
    ].join('\t'),
  );
  return `${['seat\tstatus\tagent\tlast seen\tprotocol\tunsent\tcustomers held\tlooked up', ...lines].join('\n')}\n`;
};

const holdingsText = (held: Awaited<ReturnType<typeof heldBy>>): string =>
  held.map(({ customerId, how }) => `${customerId}\t${how}\n`).join('');
