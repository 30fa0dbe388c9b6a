import { stepsFrom } from '../../shared/case.ts';
import { orderSteps, orderStepsFrom } from '../../shared/order.ts';
import { obligationOutcomes } from '../../shared/obligation.ts';
import type { RefusedOp } from '../../shared/seat.ts';
import type { WorkRow } from '../../shared/work.ts';
import { isOpen } from '../../shared/work.ts';
import { storable } from '../../shared/text.ts';
import type { Hands } from './hands.ts';

const dayMs = 86_400_000;

/** Something done about what is owed: of this agent's own, or any case; now and then one that is over already. */
export const doOwed = async (hands: Hands): Promise<void> => {
  const { chance, seat } = hands;
  const rows = seat.view()?.work.rows ?? [];
  const open = rows.filter(({ row }) => isOpen(row));
  const among = open.length === 0 || chance.once(10) ? rows : open;
  const row = among[chance.below(among.length)]?.row;
  if (row === undefined) return hands.idle();
  if (row.record === 'order') return order(hands, row);
  await (row.record === 'case' ? step(hands, row) : obligation(hands, row));
};

const order = async (hands: Hands, row: Extract<WorkRow, { record: 'order' }>): Promise<void> => {
  const { chance } = hands;
  const workId = row.id;
  const possible = orderStepsFrom(row, { agentId: row.agentId, role: 'agent', missing: 0 });
  const among = possible.length === 0 || chance.once(5) ? orderSteps : possible;
  const next = among[chance.below(among.length)] ?? 'noted';
  const done = await hands.desk('order.step', { workId, step: next, note: hands.words() });
  if (done.ok) hands.promised('order.stepped', workId, (body) => body.workId === workId && body.step === next);
};

const obligation = async (hands: Hands, row: Extract<WorkRow, { record: 'obligation' }>): Promise<void> => {
  const { chance } = hands;
  const workId = row.id;
  if (chance.once(2)) {
    const dueAtMs = row.dueAtMs + (chance.below(5) - 3) * dayMs;
    const moved = await hands.desk('obligation.move', { workId, dueAtMs });
    if (moved.ok)
      hands.promised('obligation.moved', workId, (body) => body.workId === workId && body.dueAtMs === dueAtMs);
    return;
  }
  const outcome = obligationOutcomes[chance.below(obligationOutcomes.length)] ?? 'reached';
  const done = await hands.desk('obligation.finish', { workId, outcome });
  if (done.ok) hands.promised('obligation.done', workId, (body) => body.workId === workId && body.outcome === outcome);
};

const step = async (hands: Hands, row: Extract<WorkRow, { record: 'case' }>): Promise<void> => {
  const { chance } = hands;
  const workId = row.id;
  const steps = stepsFrom(row.state);
  const next = steps[chance.below(steps.length)] ?? 'noted';
  const note = chance.once(12) ? '' : hands.words();
  const department = next === 'assigned' && !chance.once(8) ? '账务部' : null;
  const done = await hands.desk('case.step', { workId, step: next, note, department });
  if (done.ok)
    hands.promised(
      'case.stepped',
      workId,
      (body) => body.workId === workId && body.step === next && body.note === storable(note),
    );
};

/** One of the ops central refused: sent again, changed, or given up with a reason. */
export const repair = async (hands: Hands, refused: readonly RefusedOp[], isLast: boolean): Promise<void> => {
  const { chance } = hands;
  const found = refused[chance.below(refused.length)];
  if (found === undefined) return;
  const { opId, repair: how } = found;
  if (!isLast && chance.once(4)) return void (await hands.desk('refused.retry', { opId }));
  if (how?.isOwn !== true) return;
  if (!isLast && how.edit?.kind === 'wrapUp' && chance.once(2))
    return void (await hands.desk('refused.edit', { opId, note: hands.words() }));
  if (!isLast && how.edit?.kind === 'field' && chance.once(2))
    return void (await hands.desk('refused.edit', { opId, value: '' }));
  const given = await hands.desk('refused.discard', { opId, reason: hands.words() });
  if (given.ok) hands.promised('op.discarded', opId, (body) => body.opId === opId);
};
