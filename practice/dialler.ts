import type { Dialler } from '../central/dialler/dialler-port.ts';
import type { AgentLeg, FakeCustomer } from '../central/dialler/fake-dialler.ts';
import { makeFakeDialler } from '../central/dialler/fake-dialler.ts';
import type { Clock } from './clock.ts';
import type { Customers } from './customers.ts';
import { ruleFor } from './customers/numbers.ts';

/**
 * R25 in practice mode: central calls the simulated customers by itself. Until one meets an agent there is nothing to hear, so their leg is a
 * matter of time alone, by the same table of numbers as when a seat dials; then they call the agent's telephone with the contact's name, as
 * Asterisk would bring them together.
 */
export const practiceDialler = (options: {
  readonly customers: Pick<Customers, 'call'>;
  readonly clock: Clock;
  /** 0 ≤ n < 1 */
  readonly random: () => number;
}): Dialler =>
  makeFakeDialler(options.clock, (number) => customerBy(number, options.random), {
    ring: ({ id, number }, agentSipUser, withinMs) => ring(options, { id, number, agentSipUser, withinMs }),
  });

/** Q.850, as SIP's answers arrive (RFC 3398 7.2.4). */
const causes = { 404: 1, 480: 18, 484: 28, 486: 17, 603: 21 } as const;
const customerBy = (number: string, random: () => number): FakeCustomer => {
  const rule = ruleFor(number, random);
  const { afterMs } = rule;
  if (rule.kind === 'refuses') return { kind: 'ends', afterMs, cause: causes[rule.status] };
  return { kind: 'answers', afterMs, talksMs: 0 };
};

const lookMs = 20;
type Ringing = {
  readonly id: string;
  readonly number: string;
  readonly agentSipUser: string;
  readonly withinMs: number;
};

const ring = (
  { customers, clock }: { readonly customers: Pick<Customers, 'call'>; readonly clock: Clock },
  { id, number, agentSipUser, withinMs }: Ringing,
): Promise<AgentLeg | undefined> => {
  const { promise, resolve } = Promise.withResolvers<AgentLeg | undefined>();
  const call = customers.call({ from: { number }, to: agentSipUser, patienceMs: withinMs, dialled: id });
  const untilMs = clock.nowMs() + withinMs;
  const look = (): void => {
    const { kind } = call.state();
    if (kind === 'talking') return resolve({ over: call.done, hangUp: () => call.hangUp() });
    if (kind === 'ended' || clock.nowMs() > untilMs) {
      call.hangUp();
      return resolve(undefined);
    }
    clock.after(lookMs, look);
  };
  look();
  return promise;
};
