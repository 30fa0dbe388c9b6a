import type { LiveMessage, SuperviseResponse } from '../../shared/central-api.ts';
import { isBusy } from '../../shared/agent.ts';
import type { Call } from '../../shared/call.ts';
import { exchangeName } from '../../shared/call.ts';
import { exchangeIdOf } from '../../shared/contact.ts';
import { whyNotOnLine } from '../../shared/degraded.ts';
import type { AgentId, NewId } from '../../shared/ids.ts';
import { SupervisionId } from '../../shared/ids.ts';
import type { PhoneState } from '../../shared/phone.ts';
import type { Result } from '../../shared/result.ts';
import { ok, refusal, refused } from '../../shared/result.ts';
import type {
  OwnSupervision,
  OwnSupervisionEvent,
  Supervised,
  SupervisionMode,
  TakenCall,
  TeamCall,
} from '../../shared/supervision.ts';
import { maySupervise, nextOwnSupervision, notSupervising } from '../../shared/supervision.ts';
import type { CentralClient } from './central-client.ts';
import type { Clock } from './clock.ts';
import type { Log } from './log.ts';
import type { Seat, Signed } from './seat.ts';

type Done = Result<Record<string, never>>;
type Told = Extract<LiveMessage, { t: 'supervised' }>;

/** Both sides of R35 at a seat: the lead's own session, and the lead in this agent's call. Who may is central's word (security 79). */
export interface SupervisionWork {
  /** The phone page takes the call with this id, and no other, by itself (security 75). */
  readonly own: OwnSupervision;
  readonly supervised: Supervised | null;
  calls(): Promise<Result<{ calls: TeamCall[] }>>;
  /** Resolves when the lead is in the call. */
  start(agentId: AgentId, mode: SupervisionMode): Promise<Done>;
  change(mode: SupervisionMode): Promise<Done>;
  stop(): Promise<Done>;
  /** What was taken over, when this call is the one: the contact of it begins with that. */
  taken(call: Call): TakenCall | undefined;
  /** What the phone page reported: the leg may be over. What became of the agent: nobody is in a call that is over. */
  review(): void;
  signedOut(): void;
  /** The page with the leg went away; one that comes back without it has none. */
  phoneGone(): void;
  /** Central tells who is in this agent's call; null: it begins to tell anew. */
  heard(message: Told | null): void;
  /** The contact in hand is being taken over: its end is nobody's hanging up. */
  isTakenOver(): boolean;
}

type Needs = {
  readonly seat: Seat;
  readonly client: CentralClient;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly log: Log;
  readonly changed: (what: 'supervision' | 'supervised') => void;
  /** The call that was in hand was taken over; told when it may have ended already. */
  readonly takenOver: () => void;
};

/** The lead's telephone is called and has to answer (central allows 18 s). */
const startDeadlineMs = 25_000;
/** A phone page that stays away this long has no leg any more. */
const awayMs = 20_000;

export const createSupervision = (needs: Needs): SupervisionWork => {
  const { seat, clock, changed } = needs;
  const lead = createLead(needs);
  let supervised: Supervised | null = null;
  const show = (next: Supervised | null): void => {
    if (next === supervised) return;
    supervised = next;
    changed('supervised');
  };
  return {
    get own() {
      return lead.own();
    },
    get supervised() {
      return supervised;
    },
    calls: lead.calls,
    start: lead.start,
    change: lead.change,
    stop: lead.stop,
    taken: lead.taken,
    phoneGone: lead.phoneGone,
    signedOut: () => {
      lead.forget();
      show(null);
    },
    review: () => {
      const { agent } = seat;
      if (supervised !== null && (agent.kind !== 'onCall' || agent.contactId !== supervised.contactId)) show(null);
      lead.review();
    },
    heard: (message) => {
      const { work } = seat;
      if (message === null || message.mode === null) return show(null);
      const { contactId, mode } = message;
      if (work === null || (contactId !== null && contactId !== exchangeIdOf(work.contact))) return;
      // When the call is over there is nobody to be seen in it.
      if (seat.agent.kind === 'onCall')
        show({ contactId: work.contact.id, mode, sinceMs: supervised?.sinceMs ?? clock.nowMs() });
      if (mode === 'takeOver') needs.takenOver();
    },
    isTakenOver: () => supervised?.mode === 'takeOver' && supervised.contactId === seat.work?.contact.id,
  };
};

/** The lead's own session. */
const createLead = ({ seat, client, clock, newId, log, changed }: Needs) => {
  let own: OwnSupervision = notSupervising;
  const names = new Map<AgentId, string>();

  const go = (event: OwnSupervisionEvent): void => {
    const next = nextOwnSupervision(own, event);
    if (next === own) return;
    own = next;
    changed('supervision');
  };
  const isOn = (id: SupervisionId): boolean => own.kind === 'on' && own.id === id;
  /** Also for what central may know nothing of any more: it answers that there is none. */
  const hangUp = (id: SupervisionId, token: string): Promise<Result<unknown>> =>
    client.call('superviseEnd', { id }, token);

  const start = async (agentId: AgentId, mode: SupervisionMode): Promise<Done> => {
    const session = allowed(seat);
    if (!session.ok) return session;
    const { token } = session.value;
    if (own.kind !== 'none') return refused(refusal('conflict', 'supervisionExists'));
    const busy = whyNotNow(seat.phone) ?? whyNotTake(seat, mode);
    if (busy !== undefined) return busy;
    const id = SupervisionId.parse(newId());
    go({ kind: 'asked', id, agentId, agentName: names.get(agentId) ?? '', mode, atMs: clock.nowMs() });
    const answer = await client.call('supervise', { id, agentId, mode }, token, startDeadlineMs);
    if (!answer.ok) {
      go({ kind: 'ended', id });
      // Nobody answered: it may have begun all the same.
      if (answer.error.kind === 'offline') void hangUp(id, token);
      return answer;
    }
    go({ kind: 'began', ...told(answer.value), atMs: clock.nowMs() });
    if (!isOn(id)) {
      // Stopped while the telephone was being called.
      void hangUp(id, token);
      return refused(refusal('notFound', 'supervision'));
    }
    log.info('supervision began', { agentId, contactId: answer.value.contactId, mode });
    return ok({});
  };

  const change = async (mode: SupervisionMode): Promise<Done> => {
    const session = allowed(seat);
    if (!session.ok) return session;
    const before = own;
    if (before.kind !== 'on') return refused(refusal('notFound', 'supervision'));
    const answer =
      whyNotTake(seat, mode) ?? (await client.call('superviseMode', { id: before.id, mode }, session.value.token));
    if (answer.ok) go({ kind: 'changed', ...told(answer.value) });
    else if (answer.error.kind === 'notFound') go({ kind: 'ended', id: before.id });
    return answer.ok ? ok({}) : answer;
  };

  const stop = async (): Promise<Done> => {
    const { session } = seat;
    if (own.kind === 'none' || session === null) return ok({});
    const { id } = own;
    // First here: the phone hangs up, and takes no such call any more, whatever becomes of the rest.
    go({ kind: 'ended', id });
    const answer = await hangUp(id, session.token);
    return answer.ok || answer.error.kind === 'notFound' || answer.error.kind === 'offline' ? ok({}) : answer;
  };

  return {
    own: () => own,
    taken: (call: Call): TakenCall | undefined => takenIn(own, call),
    calls: async (): ReturnType<SupervisionWork['calls']> => {
      const session = allowed(seat);
      if (!session.ok) return session;
      const answer = await client.call('teamCalls', {}, session.value.token);
      if (answer.ok) for (const call of answer.value.calls) names.set(call.agentId, call.agentName);
      return answer;
    },
    start,
    change,
    stop,
    forget: () => {
      if (own.kind !== 'none') go({ kind: 'ended', id: own.id });
    },
    ...watchLeg({ seat, clock, own: () => own, taken: (id) => go({ kind: 'ended', id }), over: () => void stop() }),
  };
};

const told = ({ id, contactId, mode, taken }: SuperviseResponse) => ({
  ...{ id, contactId, mode },
  ...(taken === undefined ? {} : { taken }),
});

/** What was taken over, if it is this call. */
const takenIn = (own: OwnSupervision, call: Call): TakenCall | undefined =>
  own.kind === 'on' && call.aside === undefined && exchangeName(call) === own.taken?.exchangeId ? own.taken : undefined;

/** The session is over when its leg is: hung up, or gone with the phone page. */
const watchLeg = ({
  seat,
  clock,
  own,
  taken,
  over,
}: Pick<Needs, 'seat' | 'clock'> & {
  readonly own: () => OwnSupervision;
  readonly taken: (id: SupervisionId) => void;
  readonly over: () => void;
}) => {
  /** Whose leg was seen at the phone: from then on its absence means the end. */
  let seen: SupervisionId | undefined;
  const running = (): SupervisionId | undefined => {
    const now = own();
    return now.kind === 'none' ? undefined : now.id;
  };
  return {
    review: (): void => {
      const id = running();
      if (id === undefined) return;
      // The leg is a call of the lead's own now: nothing is hung up.
      if (seat.phone.calls.some((call) => call.state.kind !== 'ended' && takenIn(own(), call))) return taken(id);
      if (legOf(seat.phone, id)) seen = id;
      else if (seen === id) over();
    },
    phoneGone: (): void => {
      const id = running();
      if (id === undefined) return;
      clock.after(awayMs, () => {
        if (running() === id && !legOf(seat.phone, id)) over();
      });
    },
  };
};

const allowed = ({ session }: Seat): Result<Signed> => {
  if (session === null) return refused(refusal('unauthorised', 'signInFirst'));
  return maySupervise(session.agent.role) ? ok(session) : refused(refusal('forbidden', 'role'));
};

/** The customer would come to somebody who has yet to finish with another one (R28). */
const whyNotTake = ({ agent }: Seat, mode: SupervisionMode): Result<never> | undefined =>
  mode === 'takeOver' && isBusy(agent) ? refused(refusal('conflict', 'finishCallFirst')) : undefined;

const whyNotNow = ({ line, calls }: PhoneState): Done | undefined => {
  const lineless = whyNotOnLine('supervise', line);
  if (lineless !== undefined) return refused(lineless);
  return calls.some((call) => call.state.kind !== 'ended') ? refused(refusal('conflict', 'leadBusy')) : undefined;
};

const legOf = ({ calls }: PhoneState, id: SupervisionId): boolean =>
  calls.some((call) => call.aside?.kind === 'supervision' && call.aside.id === id && call.state.kind !== 'ended');
