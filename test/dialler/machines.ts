import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silent } from '../../central/ambient.ts';
import { watchAsteriskCalls } from '../../central/asterisk-calls.ts';
import { dialWithAsterisk } from '../../central/dialler/asterisk-dialler.ts';
import { systemClock } from '../../central/pbx.ts';
import { startPbx } from '../../scripts/pbx-instance.mjs';
import { putDialledSide } from '../pbx/dialled-side.ts';
import type { Check } from './days.ts';
import type { Speaker } from './greetings.ts';
import { speak } from './greetings.ts';

/** Of thirty people spoken to by a machine, and of thirty machines by an agent, so many may be at most. */
const mostPeople = 0;
const leastMachines = 6;
const atOnce = 6;
const patienceMs = 8_000;
/** From the answer, as the exchange's own delay and the machine's load have it. */
const latestMs = 1_300;

/**
 * AMD on speech: people who say a word or two and listen, and greetings with pauses as voice mail has them, each called once through the real
 * exchange. A person taken for a machine is hung up on; a machine taken for a person costs an agent's seconds.
 */
export const machinesPart = async (): Promise<{ readonly report: object; readonly checked: readonly Check[] }> => {
  const dir = mkdtempSync(join(tmpdir(), 'zuoxi-speakers-'));
  const speakers = await speak(dir);
  const numberOf = (at: number): string => String(7_000 + at);
  const plan = ({ afterMs, file }: Speaker, at: number): string =>
    [
      `exten => ${numberOf(at)},1,Ringing()`,
      ...['Wait(0.2)', 'Answer(,i)', `Wait(${afterMs / 1_000})`, `Playback(${file})`, 'Wait(20)'].map(
        (one) => ` same => n,${one}`,
      ),
    ].join('\n');
  const pbx = await startPbx({ agents: 1 });
  try {
    await putDialledSide(pbx, [], speakers.map(plan).join('\n'));
    const calls = watchAsteriskCalls({ ami: pbx.descriptor.ami, clock: systemClock, random: Math.random, log: silent });
    const dialler = dialWithAsterisk(calls);
    await dialler.calls();
    const answeredAt = new Map<string, number>();
    calls.onEvent((event) => {
      if (event.get('event') === 'Newstate' && event.get('channelstatedesc') === 'Up')
        answeredAt.set(event.get('uniqueid') ?? '', Date.now());
    });
    const judged = new Map<string, { readonly as: 'person' | 'machine'; readonly afterMs: number }>();
    dialler.onEvent((event) => {
      if (event.kind !== 'answered' && event.kind !== 'machine') return;
      const afterMs = Date.now() - (answeredAt.get(event.id) ?? Number.NaN);
      judged.set(event.id, { as: event.kind === 'machine' ? 'machine' : 'person', afterMs });
    });
    const call = async (at: number): Promise<string> => {
      const id = randomUUID();
      const order = { id, number: numberOf(at), callerNumber: '', ringMs: 5_000, silenceMs: 2_000 };
      await dialler.dial({ ...order, detectsMachines: true });
      for (let waitedMs = 0; waitedMs < patienceMs && !judged.has(id); waitedMs += 20)
        await new Promise((done) => setTimeout(done, 20));
      await dialler.stop(id);
      return id;
    };
    const found: { readonly speaker: Speaker; readonly as: string; readonly afterMs: number }[] = [];
    for (let from = 0; from < speakers.length; from += atOnce)
      await Promise.all(
        speakers.slice(from, from + atOnce).map(async (speaker, n) => {
          const said = judged.get(await call(from + n));
          found.push({ speaker, as: said?.as ?? 'unheard', afterMs: said?.afterMs ?? Number.NaN });
        }),
      );
    await dialler.close();
    return judge(found);
  } finally {
    await pbx.stop();
    rmSync(dir, { recursive: true, force: true });
  }
};

type Found = { readonly speaker: Speaker; readonly as: string; readonly afterMs: number };
const judge = (found: readonly Found[]) => {
  const of = (who: Speaker['who']): readonly Found[] => found.filter(({ speaker }) => speaker.who === who);
  const people = of('person');
  const machines = of('machine');
  const hungUpOn = people.filter(({ as }) => as !== 'person');
  const detected = machines.filter(({ as }) => as === 'machine');
  const times = people.map(({ afterMs }) => afterMs).toSorted((one, other) => one - other);
  const report = {
    ...{ people: people.length, peopleTakenForMachines: hungUpOn.length },
    ...{ machines: machines.length, machinesDetected: detected.length },
    personKnownMs: { p50: times[Math.floor(times.length / 2)], most: times.at(-1) },
  };
  const checked: Check[] = [
    {
      name: `of ${people.length} people at most ${mostPeople} are taken for a machine`,
      wrong: hungUpOn.length > mostPeople ? hungUpOn.map(({ speaker, as }) => `${speaker.name}: ${as}`) : [],
    },
    {
      name: `of ${machines.length} spoken greetings with pauses at least ${leastMachines} are detected`,
      wrong: detected.length < leastMachines ? [`${detected.length} detected`] : [],
    },
    {
      name: 'a person is known as one within a second of the answer',
      wrong: (times.at(-1) ?? 0) > latestMs ? [`${times.at(-1)} ms`] : [],
    },
  ];
  return { report, checked };
};
