import { describe, expect, it } from 'vitest';
import en from '../../renderer/desk/locales/en.json' with { type: 'json' };
import zh from '../../renderer/desk/locales/zh-CN.json' with { type: 'json' };
import {
  afterCentral,
  allUp,
  cellOf,
  deeds,
  mayDo,
  outages,
  sentenceOf,
  smsDoubtMs,
  standingOf,
} from '../../shared/degraded.ts';
import type { Deed, Outage, Signs, Standing } from '../../shared/degraded.ts';
import { refusal } from '../../shared/result.ts';

// The table once more, by hand: whoever changes a cell changes it in both places, and knows.
// y yes, l later, h here, t try, - no; columns as in `outages`.
const expected: Readonly<Record<Deed, string>> = {
  signIn: '-y-yyy-',
  signOut: 'lllyyyl',
  ready: 'llll-yl',
  receiveCall: 'lll--y-',
  goOnTalking: 'yyyyyyt',
  dial: 'lll--y-',
  handOver: 'hhh--y-',
  seeWhoIsFree: '---yyy-',
  find: 'hhhyyyh',
  followScript: 'lllyyyl',
  verifyClass2: '---yyy-',
  verifyClass3: '---yyy-',
  sendCode: '---yyt-',
  reveal: '---yyy-',
  pauseRecording: '---yyy-',
  supervise: '-----y-',
  takeNotes: 'lllyyyl',
  wrapUp: 'lllyyyl',
};
const letters = { yes: 'y', later: 'l', here: 'h', try: 't', no: '-' } as const;

const downAlone: Readonly<Record<Outage, Standing>> = {
  centralAway: { ...allUp, central: 'centralAway' },
  signInOver: { ...allUp, central: 'signInOver' },
  tooOld: { ...allUp, central: 'tooOld' },
  lineLost: { ...allUp, line: 'lineLost' },
  lineRefused: { ...allUp, line: 'lineRefused' },
  smsFailing: { ...allUp, sms: 'smsFailing' },
  networkDown: { ...allUp, network: 'networkDown' },
};

const every: readonly Standing[] = (['up', 'centralAway', 'signInOver', 'tooOld'] as const).flatMap((central) =>
  (['up', 'lineLost', 'lineRefused'] as const).flatMap((line) =>
    (['up', 'smsFailing'] as const).flatMap((sms) =>
      (['up', 'networkDown'] as const).map((network): Standing => ({ central, line, sms, network })),
    ),
  ),
);

describe('the degraded matrix, cell by cell', () => {
  it.each(deeds.flatMap((deed) => outages.map((outage, column) => [deed, outage, expected[deed][column]] as const)))(
    '%s with %s: %s',
    (deed, outage, letter) => {
      expect(letters[cellOf(deed, outage)]).toBe(letter);
      const allowed = mayDo(deed, downAlone[outage]);
      expect(letters[allowed.kind]).toBe(letter);
      if (allowed.kind !== 'yes') expect(allowed.because).toBe(outage);
    },
  );

  it.each(deeds)('%s: everything goes when nothing is down, and the worst of several counts', (deed) => {
    expect(mayDo(deed, allUp)).toEqual({ kind: 'yes' });
    const rank = ['yes', 'later', 'here', 'try', 'no'];
    for (const standing of every) {
      const down = [standing.network, standing.central, standing.line, standing.sms].filter((one) => one !== 'up');
      const worst = Math.max(0, ...down.map((outage) => rank.indexOf(cellOf(deed, outage))));
      expect(mayDo(deed, standing).kind).toBe(rank[worst]);
    }
  });

  it('every no has a sentence in both languages', () => {
    for (const deed of deeds)
      for (const standing of every) {
        const allowed = mayDo(deed, standing);
        if (allowed.kind !== 'no') continue;
        const { kind, reason } = allowed.refusal;
        const key = reason === undefined ? `refusal.${kind}` : `reason.${reason}`;
        expect([key in zh, key in en]).toEqual([true, true]);
      }
  });

  it('security: nothing that opens a customer is ever done without central', () => {
    const without = every.filter(({ central }) => central !== 'up');
    for (const deed of ['verifyClass2', 'verifyClass3', 'sendCode', 'reveal'] as const)
      expect(new Set(without.map((standing) => mayDo(deed, standing).kind))).toEqual(new Set(['no']));
  });

  it('whatever is down, notes and wrap-up go on and a call under way is never forbidden', () => {
    for (const deed of ['takeNotes', 'wrapUp', 'followScript', 'goOnTalking', 'find'] as const)
      expect(every.filter((standing) => mayDo(deed, standing).kind === 'no')).toEqual([]);
  });
});

describe('the one sentence', () => {
  it('there is exactly one for every way of being down, in both languages, and none when all is up', () => {
    for (const standing of every) {
      const key = sentenceOf(standing);
      const isUp = Object.values(standing).every((one) => one === 'up');
      expect(key === null).toBe(isUp);
      // The line alone has its own banners, in a call and without.
      if (key === null || key === 'lineLost' || key === 'lineRefused') continue;
      expect(zh[`degraded.${key}`].length).toBeGreaterThan(10);
      expect(en[`degraded.${key}`].length).toBeGreaterThan(20);
    }
  });

  it.each([
    [{ ...allUp, network: 'networkDown', central: 'centralAway' }, 'network'],
    [{ ...allUp, central: 'centralAway', line: 'lineLost' }, 'centralAndLine'],
    [{ ...allUp, central: 'tooOld', line: 'lineLost' }, 'tooOld'],
    [{ ...allUp, line: 'lineRefused', sms: 'smsFailing' }, 'lineRefused'],
    [{ ...allUp, sms: 'smsFailing' }, 'smsFailing'],
  ] as const)('%j is told as %s', (standing, key) => expect(sentenceOf(standing)).toBe(key));
});

describe('what is down, from the signs', () => {
  const nowMs = 1_000_000_000;
  const fine: Signs = {
    sync: { kind: 'idle', waiting: 0, atMs: nowMs },
    line: { kind: 'registered', sinceMs: nowMs },
    smsFailedAtMs: null,
    isOnline: true,
    nowMs,
  };
  const away = (why: 'offline' | 'unauthorised' | 'garbled', attempt: number): Signs['sync'] => ({
    kind: 'offline',
    waiting: 3,
    why,
    attempt,
    retryAtMs: nowMs + 500,
  });
  const lost: Signs['line'] = { kind: 'lost', sinceMs: nowMs, attempt: 1, retryAtMs: nowMs, why: 'socket' };

  it.each<[string, Partial<Signs>, Partial<Standing>]>([
    ['all well', {}, {}],
    ['one failed round is no outage', { sync: away('offline', 1) }, {}],
    ['two are', { sync: away('offline', 2) }, { central: 'centralAway' }],
    ['a central that answers nonsense is away', { sync: away('garbled', 2) }, { central: 'centralAway' }],
    ['a session that is over is known at once', { sync: away('unauthorised', 1) }, { central: 'signInOver' }],
    ['too old', { sync: { kind: 'stopped', waiting: 1, why: 'tooOld' } }, { central: 'tooOld' }],
    ['the first load is no outage', { sync: { kind: 'loading', waiting: 0, rows: 1, total: 9 } }, {}],
    ['a lost line', { line: lost }, { line: 'lineLost' }],
    ['a line that is not there yet', { line: { kind: 'connecting', attempt: 1 } }, { line: 'lineLost' }],
    ['a refused line', { line: { kind: 'refused', status: 403 } }, { line: 'lineRefused' }],
    ['a text message not taken just now', { smsFailedAtMs: nowMs - 1 }, { sms: 'smsFailing' }],
    ['one long ago', { smsFailedAtMs: nowMs - smsDoubtMs }, {}],
    ['off the network, yet everything is reached (loopback)', { isOnline: false }, {}],
    ['off the network', { isOnline: false, line: lost }, { line: 'lineLost', network: 'networkDown' }],
  ])('%s', (_name, signs, standing) => {
    expect(standingOf({ ...fine, ...signs })).toEqual({ ...allUp, ...standing });
  });
});

describe('what a feature answers when central did not', () => {
  it('the table speaks for a central that is away; a central that is there speaks for itself', () => {
    expect(afterCentral('verifyClass2', refusal('offline'))).toEqual(refusal('offline', 'verificationNeedsCentral'));
    expect(afterCentral('supervise', refusal('offline'))).toEqual(refusal('offline'));
    expect(afterCentral('sendCode', refusal('offline', 'smsUnavailable'))).toEqual(
      refusal('offline', 'smsUnavailable'),
    );
    expect(afterCentral('verifyClass3', refusal('locked', 'factorClosed'))).toEqual(refusal('locked', 'factorClosed'));
  });
});
