import { randomBytes } from 'node:crypto';
import { openStore } from '../../../main/engine/store/open-store.ts';
import { systemClock } from '../../../main/engine/clock.ts';
import { appendOp } from '../../../main/engine/store/outbox.ts';
import type { Op } from '../../../shared/op.ts';
import { Op as OpSchema } from '../../../shared/op.ts';
import { uuidv7 } from '../../../shared/ids.ts';

const silent = { error: () => {}, warn: () => {}, info: () => {}, debug: () => {} };
const uuid = (): string => uuidv7(Date.now(), randomBytes(10));

/** Writes op after op into the store of the folder given, and says each number only after its commit, until it is killed. */
const [folder = '', key = ''] = process.argv.slice(2);
const db = openStore(folder, { key: Buffer.from(key, 'hex'), kept: 'keyFile' }, systemClock, silent);
const seatId = uuid();
for (let seq = 1; ; seq += 1) {
  const op: Op = OpSchema.parse({
    id: uuid(),
    seatId,
    seq,
    agentId: 'agent-1',
    body: { name: 'contact.answered', contactId: uuid(), atMs: seq },
  });
  db.write('op', (write) => appendOp(write, op));
  process.stdout.write(`${seq}\n`);
}
