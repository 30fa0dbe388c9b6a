import { join } from 'node:path';
import type { Log, Random } from '../central/ambient.ts';
import type { Central } from '../central/central.ts';
import { createCentral } from '../central/central.ts';
import type { Database, Db } from '../central/db.ts';
import { openDatabase } from '../central/db.ts';
import { accountsOfAgents } from '../central/identity-accounts.ts';
import { startIdentityProvider } from '../central/identity-provider.ts';
import { openSecrets } from '../central/secrets.ts';
import { makeFakeKeypad } from '../central/fake-keypad.ts';
import type { Keypad } from '../central/keypad-port.ts';
import { contactOfCall } from '../central/contacts.ts';
import { carrierHabit, makePracticeCarrier } from '../central/practice-fulfilment.ts';
import { answering, makeSimulatedPhones, replyHabit, troubled } from '../central/sms.ts';
import type { AgentId } from '../shared/ids.ts';
import type { Policy } from '../shared/policy.ts';
import { refusal, SeatFault } from '../shared/result.ts';
import type { PracticeCallers } from './callers.ts';
import { createPracticeCallers } from './callers.ts';
import type { Clock } from './clock.ts';
import type { SampleOperator } from './operator/operator.ts';
import { operatorKey, planSampleBreaks, seedOperator } from './operator/seed.ts';
import type { Telephony } from './telephony.ts';
import { whoCalls } from './who-calls.ts';

/** More callers than this waiting would only frighten whoever practises. */
const mostWaiting = 3;
/** The sign-in page is to be read at a glance; the other accounts work as well. */
const mostSamples = 6;

export type PracticeOptions<T extends Telephony> = {
  /** Holds central's embedded database, one folder per operator; null keeps it in memory. */
  readonly dataDir: string | null;
  readonly seed: number;
  readonly customers: number;
  readonly port: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly telephony: Promise<T>;
  /** Customers call by themselves when an agent is free. */
  readonly isAutomatic: boolean;
  /** As usual without it. */
  readonly policy?: Policy;
  readonly pauseMs?: { readonly least: number; readonly most: number };
  /** Text messages are late, and now and then not taken. */
  readonly isTroubled?: boolean;
  /** The sample agents also have an account of a company, at a provider of central's own. */
  readonly hasCompany?: boolean;
};

/** The operator's side of practice mode: central with the sample operator, a PBX, and customers who call. */
export type Practice<T extends Telephony = Telephony> = {
  readonly central: Central;
  readonly centralUrl: string;
  /** Central's own: drills and tests publish scripts and policies into it. */
  readonly database: Database;
  readonly telephony: T;
  readonly callers: PracticeCallers;
  readonly operator: SampleOperator;
  readonly close: () => Promise<void>;
};

/** @throws when the database is in use or central's port is taken; what was started is stopped again */
export const startPractice = async <T extends Telephony>(options: PracticeOptions<T>): Promise<Practice<T>> => {
  const { clock, random, log, dataDir } = options;
  const dir = dataDir === null ? null : join(dataDir, operatorKey(options));
  const opened: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    // Last opened, first closed: nobody is left talking to something that is gone.
    for (const end of opened.splice(0).toReversed()) await end();
  };
  try {
    const database = await openDatabase({ kind: 'pglite', dir }, log);
    opened.push(() => database.close());
    const secrets = await openSecrets(database.db);
    const operator = await seedOperator(
      { database, secrets, log },
      { seed: options.seed, customers: options.customers, nowMs: clock.nowMs() },
    );
    await planSampleBreaks(database, operator, clock.nowMs());
    const telephony = await options.telephony;
    opened.push(() => telephony.close());
    const chance = (): number => new DataView(random(4).slice().buffer).getUint32(0) / 2 ** 32;
    const callers = createPracticeCallers({
      customers: telephony.customers,
      exchange: telephony.exchange,
      pick: whoCalls(operator, secrets.mark, chance),
      random: chance,
      clock,
      isAutomatic: options.isAutomatic,
      ...(options.pauseMs === undefined ? {} : { pauseMs: options.pauseMs }),
    });
    opened.push(async () => callers.close());
    const isTroubled = options.isTroubled === true;
    const phones = answering(makeSimulatedPhones(), clock, (code) => replyHabit(chance, isTroubled, code));
    opened.push(async () => phones.hangUp());
    const carrier = isTroubled ? makePracticeCarrier(clock, carrierHabit(chance)) : undefined;
    const company = options.hasCompany === true ? await companyOf(database.db, options) : undefined;
    if (company !== undefined) opened.push(company.close);
    const central = await createCentral({
      ...(company === undefined ? {} : { company: company.settings }),
      db: database,
      clock,
      random,
      log,
      pbx: telephony.pbx,
      sip: telephony.sip,
      ...(telephony.dialler === undefined ? {} : { dialler: telephony.dialler }),
      ...(telephony.supervision === undefined ? {} : { supervision: telephony.supervision }),
      ...(telephony.recorder === undefined ? {} : { recorder: telephony.recorder }),
      ...(telephony.recordings === undefined ? {} : { recordings: telephony.recordings }),
      ...(options.policy === undefined ? {} : { policy: options.policy }),
      // A carrier as carriers are: up to two seconds, and one message in twenty is not taken.
      sms: isTroubled ? troubled(phones, clock, chance, { slowestMs: 2_000, failing: 0.05 }) : phones,
      ...(carrier === undefined ? {} : { fulfilment: carrier }),
      keypad: telephony.keypad ?? keysOf(database.db, operator, clock),
      practice: {
        samples: operator.agents
          .slice(0, mostSamples)
          .map(({ agentNumber, name, password }) => ({ agentNumber, name, password })),
        callers: () => operator.callers.map(({ id, label, queue }) => ({ id, label, queue })),
        call: ({ callerId, agentId }) => callFor(telephony, callers, operator, callerId, agentId),
        cue: (customerId) => {
          const answers = operator.answersOf(customerId);
          return answers && { ...answers, smsCode: codeIn(phones.lastText(customerId)) };
        },
      },
    });
    opened.push(() => central.close());
    const centralUrl = await central.listen({ port: options.port });
    return { central, centralUrl, database, telephony, callers, operator, close };
  } catch (fault) {
    await close();
    throw fault;
  }
};

const companyOf = async (
  db: Db,
  { clock, random, log }: Pick<PracticeOptions<Telephony>, 'clock' | 'random' | 'log'>,
) => {
  const clientId = 'zuoxi-practice';
  const accounts = accountsOfAgents(db, clock);
  const { issuer, close } = await startIdentityProvider({ port: 0, clientId, accounts, random, log });
  const scopes = ['openid', 'profile', 'offline_access'];
  return { close, settings: { issuer, clientId, scopes, prompt: 'login', recheckMs: 300_000, passwordsToo: true } };
};

const callFor = (
  telephony: Telephony,
  callers: PracticeCallers,
  operator: SampleOperator,
  callerId: string | null,
  agentId: AgentId,
): void => {
  if (telephony.exchange.standing().waiting >= mostWaiting)
    throw new SeatFault('enough callers', refusal('conflict', 'callersWaiting'));
  const toQueueOf = operator.agents.find((agent) => `A${agent.agentNumber}` === agentId)?.queues ?? [];
  const call = callers.callNow({ toQueueOf, ...(callerId === null ? {} : { callerId }) });
  if (call === undefined) throw new SeatFault('no such caller', refusal('notFound', 'caller'));
};

/** The simulated customer keys in what they know; a new password is the old one, so that the cue sheet stays true. */
const keysOf = (db: Db, operator: SampleOperator, clock: Clock): Keypad =>
  makeFakeKeypad(clock, async ({ contactId }) => {
    const customerId = (await contactOfCall(db, contactId))?.customerId ?? null;
    const answers = customerId === null ? undefined : operator.answersOf(customerId);
    return answers === undefined ? undefined : { digits: answers.servicePassword, afterMs: 3_000 };
  });

/** The customer reads the digits out of the text message. */
const codeIn = (text: string | undefined): string => /\d{6}/.exec(text ?? '')?.[0] ?? '';
