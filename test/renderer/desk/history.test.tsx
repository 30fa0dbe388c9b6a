import { screen, waitFor, within } from '@testing-library/react';
import axe from 'axe-core';
import { describe, expect, it } from 'vitest';
import en from '../../../renderer/desk/locales/en.json' with { type: 'json' };
import zh from '../../../renderer/desk/locales/zh-CN.json' with { type: 'json' };
import type { HistoryDetail, HistoryRow } from '../../../shared/history.ts';
import { soundRate } from '../../../shared/history.ts';
import { ContactId, CustomerId } from '../../../shared/ids.ts';
import type { Language } from '../../../shared/text.ts';
import { type Opened, page, ready, seen, speaker, talking } from './open-desk.ts';

const idOf = (n: number) => ContactId.parse(`01900000-0000-7000-8000-${String(n).padStart(12, '0')}`);
const row = (n: number, over: Partial<HistoryRow> = {}): HistoryRow => ({
  ...{ contactId: idOf(n), customerId: CustomerId.parse('C-1001'), who: '王**', number: '138****8000' },
  ...{ direction: 'inbound', queue: 'service', startedAtMs: Date.UTC(2026, 8, 1) - n * 60_000, talkMs: 65_000 },
  ...{ topic: { zh: '话费查询', en: 'Bill' }, disposition: [{ zh: '咨询', en: 'Question' }], agentName: '林小满' },
  ...over,
});
const seconds = 30;
const detail = (n: number, over: Partial<HistoryDetail> = {}): HistoryDetail => ({
  row: row(n),
  ...{ note: '客户问漫游费。', forced: false, endedAtMs: null, wrappedUpAtMs: null },
  script: {
    ...{ title: { zh: '账单说明', en: 'Bill explained' }, version: 3 },
    answers: [
      {
        say: { zh: '请问您想查哪个月？', en: 'Which month?' },
        answer: { zh: '上个月', en: 'Last month' },
        atMs: row(n).startedAtMs + 8_000,
      },
    ],
  },
  verifications: [{ factor: 'servicePassword', matched: true, atMs: row(n).startedAtMs + 4_000 }],
  transfers: [],
  recordings: {
    kind: 'listed',
    parts: [
      {
        ...{ part: 0, startedAtMs: row(n).startedAtMs, lengthMs: seconds * 1_000, state: 'ready' },
        pauses: [{ fromMs: 3_000, toMs: 6_000 }],
        peaks: Array.from({ length: 240 }, (_, index) => index % 100),
      },
    ],
  },
  ...over,
});

/** On the history screen, with contacts here and at central. */
const looking = async (language: Language = 'zh-CN', opened?: Opened): Promise<Opened> => {
  const desk = opened ?? (await ready(language));
  const { history } = desk.engine.world;
  history.here = [detail(2), detail(3)];
  history.atCentral = [detail(1, { row: row(1, { who: '李*' }) }), detail(2)];
  history.sound = new Uint8Array(seconds * soundRate).fill(0x90);
  const words = language === 'en' ? en : zh;
  await desk.user.click(screen.getByRole('button', { name: words['rail.history'] }));
  await screen.findByRole('region', { name: words['history.region'] });
  await waitFor(() => expect(screen.getAllByRole('option').length).toBeGreaterThan(2));
  return desk;
};
const contacts = async (): Promise<readonly HTMLElement[]> =>
  within(await screen.findByRole('listbox', { name: zh['history.results'] })).getAllByRole('option');

describe('R34 history at the desk', () => {
  it('lists what seat and central hold, newest first, each once, and says which is which and since when', async () => {
    await looking();
    await waitFor(async () => expect(await contacts()).toHaveLength(3));
    expect((await contacts()).map((one) => one.querySelector('.badge')?.textContent)).toEqual(['中心', '中心', '本机']);
    expect(page()).toContain('李*');
    expect(await seen('保存 6 个月（不少于 3 个月）')).toBe(true);
    expect(await seen('本机最早的记录')).toBe(true);
  });

  it('by keyboard alone: type, Enter, down into the list, Enter opens, Esc leads back and then to the desk', async () => {
    const { user, engine } = await looking();
    await waitFor(() => expect(document.activeElement).toBe(screen.getByLabelText(zh['history.who'])));
    await user.keyboard('13800138000{Enter}');
    await waitFor(() =>
      expect(engine.asked.filter(({ name }) => name === 'history.search').at(-1)?.args).toEqual({
        filter: { who: '13800138000' },
        where: 'central',
      }),
    );
    await waitFor(async () => expect(await contacts()).toHaveLength(3));
    await user.keyboard('{ArrowDown}');
    await waitFor(() => expect(document.activeElement).toBe(screen.getByRole('listbox')));
    await user.keyboard('{ArrowDown}{Enter}');
    await screen.findByRole('heading', { name: zh['history.contact'] });
    expect(await seen('客户问漫游费。')).toBe(true);
    expect(await seen('上个月')).toBe(true);
    await user.keyboard('{Escape}');
    await waitFor(() => expect(screen.queryByRole('heading', { name: zh['history.contact'] })).toBeNull());
    expect(document.activeElement).toBe(screen.getByRole('listbox'));
    await user.keyboard('{Escape}');
    await waitFor(() => expect(screen.queryByRole('region', { name: zh['history.region'] })).toBeNull());
  });

  it('off line: what is here is found and opened, and it says what that leaves out', async () => {
    const desk = await ready();
    desk.engine.world.central = 'away';
    desk.engine.world.setSync({
      kind: 'offline',
      waiting: 0,
      why: 'offline',
      attempt: 1,
      retryAtMs: Date.now() + 9_000,
    });
    desk.engine.world.history.here = [detail(2, { recordings: { kind: 'askCentral' } })];
    await desk.user.click(screen.getByRole('button', { name: zh['rail.history'] }));
    expect(await seen(zh['history.hereOnly'])).toBe(true);
    await desk.user.click((await contacts())[0] ?? document.body);
    expect(await seen(zh['history.fromSeat'])).toBe(true);
    expect(await seen(zh['history.soundAtCentral'])).toBe(true);
  });

  it('the customer of a contact is one key away, and a line of the timeline opens its contact', async () => {
    const { user, engine } = await looking();
    await user.click((await contacts())[0] ?? document.body);
    await user.click(await screen.findByRole('button', { name: zh['history.customer'] }));
    await screen.findByRole('heading', { name: zh['find.opened'] });
    engine.world.history.atCentral = [detail(1)];
    await user.click((await screen.findAllByRole('button', { name: zh['timeline.open'] }))[0] ?? document.body);
    await waitFor(() =>
      expect(engine.asked.filter(({ name }) => name === 'history.open').at(-1)?.args).toEqual({
        contactId: idOf(1),
      }),
    );
  });

  it('over the contact in hand no digit answers what cannot be seen; a wrap-up comes first', async () => {
    const desk = await looking('zh-CN', await talking());
    const asked = desk.engine.asked.length;
    (await screen.findByRole('listbox')).focus();
    await desk.user.keyboard('1');
    expect(desk.engine.asked).toHaveLength(asked);
    desk.far.hangUp();
    await screen.findByRole('button', { name: /^完成小结/ });
    expect(screen.queryByRole('region', { name: zh['history.region'] })).toBeNull();
  });

  it.each(['zh-CN', 'en'] as const)('axe finds nothing (%s)', async (language) => {
    const { user } = await looking(language);
    await user.click(document.querySelector('.history-row') ?? document.body);
    await screen.findByRole('slider');
    const { violations } = await axe.run(document.body, { rules: { 'color-contrast': { enabled: false } } });
    expect(violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 160)}`))).toEqual([]);
  });
});

describe('R33 a recording at the desk', () => {
  const openContact = async (desk: Opened): Promise<HTMLElement> => {
    await desk.user.click((await contacts())[0] ?? document.body);
    return screen.findByRole('slider', { name: zh['player.place'] });
  };

  it('plays with Space, moves with the arrows, and what was heard is told', async () => {
    const desk = await looking();
    const slider = await openContact(desk);
    const { heard } = desk.engine.world.history;
    slider.focus();
    await desk.user.keyboard(' ');
    await screen.findByRole('button', { name: zh['player.pause'] });
    await waitFor(() => expect(Number((slider as HTMLInputElement).value)).toBeGreaterThan(200));
    await desk.user.keyboard('{ArrowRight}');
    await waitFor(() => expect(heard).toHaveLength(1));
    expect(heard[0]).toMatchObject({ fromMs: 0 });
    await desk.user.keyboard('{ArrowUp}');
    expect(await seen('1.25 倍速')).toBe(true);
    await waitFor(() => expect(Number((slider as HTMLInputElement).value)).toBeGreaterThan(5_600));
    await desk.user.keyboard(' ');
    await screen.findByRole('button', { name: zh['player.play'] });
    await waitFor(() => expect(heard.at(-1)?.fromMs).toBeGreaterThan(5_000));
    expect(speaker.opened.every(({ isStopped }) => isStopped)).toBe(true);
  });

  it('marks show silences, checks and sentences, and lead there', async () => {
    const desk = await looking();
    const slider = await openContact(desk);
    const marks = within(screen.getByRole('list', { name: zh['player.marks'] })).getAllByRole('button');
    expect(marks.map(({ textContent }) => textContent)).toEqual([
      '00:03已静音 00:03（涉密内容）',
      '00:04核验 服务密码：相符',
      '00:08请问您想查哪个月？ — 上个月',
    ]);
    await desk.user.click(marks[2] ?? document.body);
    await waitFor(() => expect(slider).toHaveProperty('value', '8000'));
  });

  it('a call that rings silences it, and during a call it does not play', async () => {
    const desk = await looking();
    await openContact(desk);
    await desk.user.click(screen.getByRole('button', { name: zh['player.play'] }));
    await screen.findByRole('button', { name: zh['player.pause'] });
    desk.far.call({ number: '13800138000' });
    await waitFor(() => expect(speaker.opened.at(-1)?.isStopped).toBe(true));
    await screen.findByRole('region', { name: zh['customer.region'] });
    await desk.user.keyboard('{F2}');
    await screen.findByRole('button', { name: /^静音/ });
    await desk.user.click(screen.getByRole('button', { name: zh['rail.history'] }));
    await desk.user.click(await screen.findByRole('button', { name: zh['player.play'] }));
    expect(await seen(zh['reason.playAfterCall'])).toBe(true);
  });

  it.each([
    [{ kind: 'notAllowed' } as const, zh['reason.recordingNotAllowed']],
    [{ kind: 'listed', parts: [] } as const, zh['history.noRecording']],
    [
      {
        kind: 'listed',
        parts: [{ part: 0, startedAtMs: null, lengthMs: null, state: 'expired', pauses: [] }],
      } as const,
      zh['reason.recordingExpired'],
    ],
  ])('what cannot be heard is said: %j', async (recordings, said) => {
    const desk = await looking();
    desk.engine.world.history.atCentral = [
      detail(1, {
        recordings: { ...recordings, ...('parts' in recordings ? { parts: [...recordings.parts] } : {}) } as never,
      }),
    ];
    await desk.user.click((await contacts())[0] ?? document.body);
    expect(await seen(said)).toBe(true);
  });
});
