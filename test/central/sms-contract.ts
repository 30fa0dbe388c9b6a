import { expect, it } from 'vitest';
import type { Sms, SmsReply } from '../../central/sms.ts';

/** What every carrier behind `Sms` keeps to; run on the simulated phones and on the HTTP gateway. */
export type SmsLab = {
  readonly sms: Sms;
  /** Texts that arrived at this number, in order. */
  readonly arrived: (number: string, customerId: string) => readonly string[];
  /** The customer answers; resolves once central has heard it, with whether it was kept. */
  readonly answer: (reply: SmsReply) => Promise<boolean>;
};

const to = { customerId: 'C1', number: '+8613900000001' };
const reply = (id: string): SmsReply => ({ id, number: to.number, text: 'Y1234', atMs: 1_764_000_000_000 });

export const smsContract = (lab: () => SmsLab): void => {
  it('brings a text to the phone', async () => {
    await lab().sms.send({ ...to, text: '请回复 Y1234', about: 'sale' });
    expect(lab().arrived(to.number, to.customerId)).toEqual(['请回复 Y1234']);
  });

  it('brings every reply, as it was written, until nobody listens any more', async () => {
    const heard: SmsReply[] = [];
    const stop = lab().sms.onReply?.(async (one) => void heard.push(one));
    expect(await lab().answer(reply('r1'))).toBe(true);
    expect(heard).toEqual([reply('r1')]);
    stop?.();
    await lab().answer(reply('r2'));
    expect(heard).toHaveLength(1);
  });

  it('a reply that could not be kept is not lost: whoever brings it hears so', async () => {
    let isAway = true;
    const heard: string[] = [];
    const stop = lab().sms.onReply?.(async ({ id }) => {
      if (isAway) throw new Error('the database is away');
      heard.push(id);
    });
    expect(await lab().answer(reply('r3'))).toBe(false);
    isAway = false;
    expect(await lab().answer(reply('r3'))).toBe(true);
    expect(heard).toEqual(['r3']);
    stop?.();
  });
};
