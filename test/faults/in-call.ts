import type { SampleOperator } from '../../practice/operator/operator.ts';
import type { Call } from '../../shared/call.ts';
import { Call as CallSchema } from '../../shared/call.ts';
import type { ContactId } from '../../shared/ids.ts';
import { obligationKinds } from '../../shared/obligation.ts';
import { caseKinds } from '../../shared/case.ts';
import { editableFields } from '../../shared/profile.ts';
import { storable } from '../../shared/text.ts';
import { factors } from '../../shared/verification-tables.ts';
import type { Hands } from './hands.ts';
import { uuid } from './hands.ts';
import { sell } from './sale.ts';

const acts = [
  ...(['topic', 'topic', 'script', 'script', 'script', 'script', 'script', 'identify', 'verify', 'consult'] as const),
  ...(['keep', 'search', 'draft', 'field', 'field', 'refuse', 'owe', 'openCase', 'quality'] as const),
  ...(['tell', 'open', 'hear', 'lead', 'sell', 'sell'] as const),
] as const;

/** One thing an agent, or the telephone, does about the contact in hand. */
export const actInCall = async (hands: Hands, operator: SampleOperator, call: Call, id: ContactId): Promise<void> => {
  const { chance, seat } = hands;
  switch (chance.oneOf(acts)) {
    case 'topic': {
      const topics = seat.view()?.reference.topics ?? [];
      const topic = topics[chance.below(topics.length)];
      if (topic !== undefined) await hands.desk('contact.chooseTopic', { contactId: id, topicId: topic.id });
      return;
    }
    case 'script': {
      const run = seat.view()?.contact?.script;
      const step = run?.script.steps.find((one) => one.id === run.run.stepId);
      if (step === undefined || chance.once(6)) return void (await hands.desk('script.back', { contactId: id }));
      const answerId = step.answers[chance.below(step.answers.length)]?.id ?? null;
      return void (await hands.desk('script.answer', { contactId: id, stepId: step.id, answerId }));
    }
    case 'identify': {
      const { customer } = operator.customerAt(chance.below(operator.count), () => '');
      const customerId = chance.once(5) ? null : customer.id;
      return void (await hands.desk('contact.identify', { contactId: id, customerId }));
    }
    case 'verify':
      return verify(hands, operator, id);
    case 'consult':
      return consult(hands, call);
    case 'keep': {
      const dialog = { sipCallId: 'x', localTag: 'y', remoteTag: 'z' };
      return void (await hands.phone('phone.keep', { calls: [{ call, dialog }] }));
    }
    case 'search': {
      const text = chance.oneOf(['王', '13800020001', '400', 'wang 0001']);
      return void (await hands.desk('customer.search', { text, where: chance.oneOf(['seat', 'central']) }));
    }
    case 'draft':
      return saveDraft(hands, id);
    case 'field':
      return setField(hands, id);
    case 'refuse':
      return refuse(hands, id);
    case 'owe':
      return owe(hands, id);
    case 'openCase':
      return openCase(hands, id);
    case 'quality':
      return tellQuality(hands, call);
    case 'tell':
      return tell(hands, id);
    case 'open': {
      const { customer } = operator.customerAt(chance.below(operator.count), () => '');
      const opened = await hands.desk('customer.opened', { customerId: customer.id });
      if (opened.ok) hands.promised('customer.opened', customer.id, (body) => body.customerId === customer.id);
      return;
    }
    case 'hear': {
      const [fromMs, toMs] = [chance.below(60_000), 60_000 + chance.below(60_000)];
      const heard = await hands.desk('recording.played', { contactId: id, part: 0, fromMs, toMs });
      if (heard.ok) hands.promised('recording.played', id, (body) => body.contactId === id && body.toMs === toMs);
      return;
    }
    case 'lead':
      return takeLead(hands, id);
    case 'sell':
      return sell(hands, id);
  }
};

/** R42: a mandatory item of the step at hand. */
const tell = async (hands: Hands, contactId: ContactId): Promise<void> => {
  const run = hands.seat.view()?.contact?.script;
  const steps = run?.script.steps.filter(({ disclosures }) => (disclosures ?? []).length > 0) ?? [];
  const step = steps[hands.chance.below(steps.length)];
  const item = step?.disclosures?.[hands.chance.below(step.disclosures.length)];
  if (step === undefined || item === undefined) return;
  const told = await hands.desk('script.tell', { contactId, stepId: step.id, itemId: item.id });
  if (told.ok)
    hands.promised(
      'contact.disclosed',
      contactId,
      (body) => body.contactId === contactId && body.stepId === step.id && body.itemId === item.id,
    );
};

/** R30: an interest noted. */
const takeLead = async (hands: Hands, contactId: ContactId): Promise<void> => {
  const lead = { flow: 'lead' as const, name: hands.words(), payment: null, delivery: null, note: hands.words() };
  const made = await hands.desk('order.open', { contactId, ...lead });
  if (!made.ok) return;
  const { workId } = made.value;
  hands.promised('order.opened', workId, (body) => body.workId === workId && body.flow === 'lead');
};

const verify = async (hands: Hands, operator: SampleOperator, contactId: ContactId): Promise<void> => {
  const { chance, seat } = hands;
  const customerId = seat.view()?.contact?.contact.customerId ?? '';
  if (chance.once(5)) return void (await hands.desk('verification.sendCode', { contactId }));
  const factor = factors[chance.below(factors.length)] ?? 'fullName';
  const right = operator.answersOf(customerId)?.[factor] ?? '';
  const value = chance.once(4) || right === '' ? '不记得' : right;
  await hands.desk('verification.try', { contactId, factor, value });
};

/** A colleague is asked about the customer, who is held meanwhile, or all three talk. */
const consult = async (hands: Hands, call: Call): Promise<void> => {
  const { chance } = hands;
  const asked = { callId: call.id, what: { text: '1099' }, purpose: 'consult' as const };
  const permit = await hands.phone('dial.authorise', asked);
  if (!permit.ok) return;
  const aside = CallSchema.parse({
    ...{ id: uuid(), direction: 'outbound', number: '1099', display: '', contactId: permit.value.contactId },
    aside: { kind: 'consult', of: call.id },
    state: { kind: 'ringingOut', sinceMs: 1 },
    trace: { inviteMs: 1 },
  });
  await hands.report(call, aside);
  if (chance.once(3)) {
    const talking = {
      kind: 'talking',
      sinceMs: 2,
      microphone: 'open',
      hold: { kind: 'none' },
      media: 'flowing',
    } as const;
    await hands.report(call, { ...aside, state: { ...talking, merged: true } });
  }
  const cause = chance.oneOf(['agentHungUp', 'noAnswer'] as const);
  await hands.report(call, { ...aside, state: { kind: 'ended', atMs: 2, cause, talkMs: chance.below(2) * 900 } });
  await hands.report(call);
};

export const saveDraft = async (hands: Hands, contactId: ContactId): Promise<void> => {
  const { seat, witness } = hands;
  const note = hands.words();
  witness.drafting(seat, contactId, note);
  const saved = await hands.desk('draft.save', { contactId, note, disposition: [] });
  if (saved.ok) witness.drafted(seat, contactId, note);
};

const valueOf = (hands: Hands, key: keyof typeof editableFields): string => {
  const { chance } = hands;
  if (chance.once(12)) return chance.oneOf(['', '不知道']);
  switch (key) {
    case 'otherNumber':
      return `1380002${1_000 + chance.below(9_000)}`;
    case 'email':
      return `a${chance.below(9_999)}@example.cn`;
    case 'birthday':
      return `19${60 + chance.below(40)}-0${1 + chance.below(9)}-1${chance.below(10)}`;
    default:
      return hands.words();
  }
};

const setField = async (hands: Hands, contactId: ContactId): Promise<void> => {
  const keys = Object.keys(editableFields) as (keyof typeof editableFields)[];
  const key = keys[hands.chance.below(keys.length)] ?? 'remark';
  const value = valueOf(hands, key);
  const done = await hands.desk('customer.setField', { contactId, key, value });
  if (done.ok)
    hands.promised(
      'customer.fieldSet',
      `${contactId} ${key}`,
      (body) => body.contactId === contactId && body.key === key && body.value === storable(value).trim(),
    );
};

const refuse = async (hands: Hands, contactId: ContactId): Promise<void> => {
  if (!hands.chance.once(3)) return;
  const done = await hands.desk('customer.refuse', { contactId });
  if (done.ok) hands.promised('customer.refused', contactId, (body) => body.contactId === contactId);
};

const owe = async (hands: Hands, contactId: ContactId): Promise<void> => {
  const { chance, seat } = hands;
  const kind = obligationKinds[chance.below(obligationKinds.length)] ?? 'callback';
  const promisedMs = seat.view()?.work.nextCallMs ?? 0;
  const dueAtMs = chance.once(3) ? null : promisedMs + chance.below(30) * 3_600_000;
  const what = hands.words();
  const made = await hands.desk('obligation.open', { contactId, kind, what, dueAtMs });
  if (!made.ok) return;
  const { workId } = made.value;
  hands.promised('obligation.opened', workId, (body) => body.workId === workId && body.what === storable(what));
};

const openCase = async (hands: Hands, contactId: ContactId): Promise<void> => {
  const kind = caseKinds[hands.chance.below(caseKinds.length)] ?? 'request';
  const title = hands.chance.once(10) ? ' ' : hands.words();
  const made = await hands.desk('case.open', { contactId, kind, title, text: hands.words(), department: '网络部' });
  if (!made.ok) return;
  const { workId } = made.value;
  hands.promised('case.opened', workId, (body) => body.workId === workId && body.kind === kind);
};

/** R40: around the end of a call, before or after it. */
export const tellQuality = async (hands: Hands, call: Call): Promise<void> => {
  const { chance } = hands;
  const looks = 1 + chance.below(300);
  const voice = { talkMs: 900, listenMs: 800, talkOverMs: 0, silenceMs: 90, agentNoiseDb: -60, customerNoiseDb: -58 };
  await hands.phone('phone.quality', {
    callId: call.id,
    quality: {
      ...{ looks, poorLooks: chance.below(looks), mosMean: 4.1, mosWorst: 3.2, lossPct: 0.4, jitterMs: 7, rttMs: 35 },
      ...{ codec: 'opus', voice },
    },
  });
};
