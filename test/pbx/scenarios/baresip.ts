import type { PbxDescriptor } from '../../../scripts/pbx-instance.mjs';
import { type Customer, startCustomer } from '../customer.ts';
import { readWav, tail, toneIntoFile } from '../speech.ts';
import { toneIn } from './ear.ts';
import { type FarEnd, freeUdpPort, sleep } from './far-end.ts';
import type { Trunk } from './trunk.ts';

/** A customer with baresip for a telephone: one that calls and one that answers at once, whichever the scenario needs. */
export type Baresip = FarEnd & { readonly stop: () => Promise<void> };

export type BaresipPlan = {
  readonly pbx: PbxDescriptor;
  readonly trunk: Trunk;
  readonly dir: string;
  readonly hz: number;
  /** Beginning of the numbers it is reached at, and what it calls from. */
  readonly number: string;
  readonly codecs?: readonly string[];
};

export const startBaresip = async ({ pbx, trunk, dir, hz, number, codecs }: BaresipPlan): Promise<Baresip> => {
  const says = await toneIntoFile(dir, hz, 600);
  const own = `${number}00139000`.slice(0, 11);
  const speaks = codecs === undefined ? {} : { codecs };
  const port = await freeUdpPort(trunk.host);
  const telephone = { pbx: { ...pbx, customer: { host: trunk.host, port } }, number: own, says, ...speaks };
  const caller = await startCustomer(telephone);
  const called = await startCustomer({ ...telephone, answers: true });
  trunk.route(number, port);
  let now: Customer = caller;
  return {
    name: `baresip ${number}`,
    hz,
    number: own,
    call: async (target) => {
      now = caller;
      await caller.dial(target);
    },
    answer: async () => {
      now = called;
      await called.established();
    },
    hangUp: async () => {
      await now.hangUp();
      await now.ended();
    },
    ended: async () => void (await now.ended()),
    hear: async (hzs, ms) => {
      await sleep(ms);
      const heard = tail(await readWav(await now.heard()), ms / 1_000);
      return hzs.map((one) => toneIn(heard.samples, heard.rate, one));
    },
    stop: async () => void (await Promise.all([caller.stop(), called.stop()])),
  };
};
