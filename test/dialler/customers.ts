/** What a customer does when they are called; drawn before the run, and what the dialler says of them must agree with it. */
export type Customer = {
  readonly number: string;
  readonly does: Doing;
  /** Until they answer, and from the answer until they hang up. */
  readonly ringsMs: number;
  readonly talksMs: number;
};
/** `thinks`: answers, and says nothing for a second. */
export const doings = ['answers', 'thinks', 'machine', 'ringsOut', 'busy', 'rejects', 'unknown', 'congested'] as const;
export type Doing = (typeof doings)[number];
const shares: Readonly<Record<Doing, number>> = {
  ...{ answers: 0.4, thinks: 0.04, machine: 0.1, ringsOut: 0.2 },
  ...{ busy: 0.1, rejects: 0.04, unknown: 0.08, congested: 0.04 },
};

export type Chance = { readonly share: () => number; readonly between: (least: number, most: number) => number };
/** mulberry32: the same seed, the same day. */
export const chanceOf = (seed: number): Chance => {
  let state = seed >>> 0;
  const share = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  return { share, between: (least, most) => least + share() * (most - least) };
};

export const drawCustomers = (count: number, chance: Chance): readonly Customer[] =>
  Array.from({ length: count }, (_, n) => {
    let left = chance.share();
    const does = doings.find((one) => (left -= shares[one]) < 0) ?? 'ringsOut';
    const number = `1380013${String(n + 1).padStart(4, '0')}`;
    return { number, does, ringsMs: chance.between(500, 3_500), talksMs: chance.between(4_000, 12_000) };
  });

const seconds = (ms: number): string => (ms / 1_000).toFixed(2);
/** A word of 0.4 s from somebody who then listens; a greeting that goes on and on. */
const word = 'Playtones(!480/400,!0/100)';
const greeting = 'Playtones(480/3000)';

/** `[carrier]`: nobody has the numbers that are unknown. `i`: a telephone does not wait for sound of the other side before its own. */
export const dialPlanOf = (customers: readonly Customer[], agents: readonly string[], chance: Chance): string => {
  const answered = ({ number, ringsMs }: Customer, ...then: readonly string[]): string =>
    [
      `exten => ${number},1,Ringing()`,
      ...[`Wait(${seconds(ringsMs)})`, 'Answer(,i)', ...then, 'Hangup(16)'].map((one) => ` same => n,${one}`),
    ].join('\n');
  const plan = (one: Customer): string => {
    const { number, does, talksMs } = one;
    switch (does) {
      case 'answers':
        return answered(one, 'Wait(0.15)', word, `Wait(${seconds(talksMs)})`);
      case 'thinks':
        return answered(one, 'Wait(1)', word, `Wait(${seconds(talksMs)})`);
      case 'machine':
        return answered(one, greeting, 'Wait(20)');
      case 'ringsOut':
        return `exten => ${number},1,Ringing()\n same => n,Wait(60)`;
      case 'busy':
        return `exten => ${number},1,Hangup(17)`;
      case 'rejects':
        return `exten => ${number},1,Ringing()\n same => n,Wait(0.5)\n same => n,Hangup(21)`;
      case 'congested':
        return `exten => ${number},1,Hangup(34)`;
      case 'unknown':
        return '';
    }
  };
  const telephone = (agent: string): string =>
    `exten => ${agent},1,Ringing()\n same => n,Wait(${seconds(chance.between(200, 400))})\n same => n,Answer(,i)\n same => n,Wait(600)`;
  return [...customers.map(plan), ...agents.map(telephone)].join('\n');
};
