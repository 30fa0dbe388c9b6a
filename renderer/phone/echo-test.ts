import { CallId, ContactId, type NewId } from '../../shared/ids.ts';
import { echoTest } from '../../shared/devices.ts';
import { ok, refusal, refused, type Result } from '../../shared/result.ts';
import type { Clock } from './clock.ts';
import type { Phone } from './phone.ts';

/**
 * The echo test: a call to the exchange that gives the agent's own voice back. It belongs to no contact, is never offered while a
 * customer may be, and ends by itself.
 *
 *   dialled ──answered──▶ heard for 10 s ──▶ hung up        not answered within 8 s ──▶ hung up
 */
export type EchoTest = {
  readonly start: () => Promise<Result<{ readonly callId: CallId }>>;
  /** Whether the agent is offered to customers: a test is refused then, and one that runs is over. */
  readonly setAvailable: (isAvailable: boolean) => void;
};

type EchoTestPlan = {
  readonly phone: Pick<Phone, 'dial' | 'hangUp' | 'onState'>;
  readonly clock: Clock;
  readonly newId: NewId;
};

export const createEchoTest = ({ phone, clock, newId }: EchoTestPlan): EchoTest => {
  let running: { readonly callId: CallId; isTalking: boolean; stopLimit: () => void } | undefined;
  let isAvailable = false;

  const end = (): void => {
    if (running !== undefined) phone.hangUp(running.callId);
  };
  const limit = (ms: number): void => {
    running?.stopLimit();
    if (running !== undefined) running.stopLimit = clock.after(ms, end);
  };
  const forget = (): void => {
    running?.stopLimit();
    running = undefined;
  };
  phone.onState(({ calls }) => {
    const state = calls.find(({ id }) => id === running?.callId)?.state;
    if (running === undefined || state === undefined) return;
    if (state.kind === 'ended') return forget();
    if (state.kind !== 'talking' || running.isTalking) return;
    running.isTalking = true;
    limit(echoTest.lastsMs);
  });

  return {
    start: async () => {
      if (isAvailable) return refused(refusal('conflict', 'notReadyFirst'));
      if (running !== undefined) return ok({ callId: running.callId });
      const callId = CallId.parse(newId());
      running = { callId, isTalking: false, stopLimit: () => {} };
      limit(echoTest.answerMs);
      const contactId = ContactId.parse(newId());
      const dialled = await phone.dial({ callId, contactId, dial: echoTest.number, aside: { kind: 'check' } });
      if (dialled.ok) return ok({ callId });
      forget();
      return dialled;
    },
    setAvailable: (next) => {
      isAvailable = next;
      if (next) end();
    },
  };
};
