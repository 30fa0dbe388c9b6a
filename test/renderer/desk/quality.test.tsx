import { screen, waitFor } from '@testing-library/react';
import { describe, expect, it, vi } from 'vitest';
import type { CallId } from '../../../shared/ids.ts';
import type { Quality } from '../../../shared/phone.ts';
import { diagnosticsText } from '../../../shared/diagnostics.ts';
import { copied, page, seen, signedIn, talking } from './open-desk.ts';
import { sampleCustomers } from './sample.ts';

/** Counted where they are drawn: nothing on the page tells a component that was drawn again from one that was not. */
const drawn = vi.hoisted(() => ({ bar: 0, customer: 0 }));
vi.mock('../../../renderer/desk/call/call-bar.tsx', async (original) => {
  const real = await original<typeof import('../../../renderer/desk/call/call-bar.tsx')>();
  const CallBar: typeof real.CallBar = (props) => {
    drawn.bar += 1;
    return real.CallBar(props);
  };
  return { ...real, CallBar };
});
vi.mock('../../../renderer/desk/customer/customer-pane.tsx', async (original) => {
  const real = await original<typeof import('../../../renderer/desk/customer/customer-pane.tsx')>();
  const CustomerPane: typeof real.CustomerPane = (props) => {
    drawn.customer += 1;
    return real.CustomerPane(props);
  };
  return { ...real, CustomerPane };
});

const quality = (callId: CallId, over: Partial<Quality> = {}): Quality => ({
  callId,
  mos: 4.38,
  rating: 'good',
  why: null,
  jitterMs: 3,
  rttMs: 21,
  lossPct: 0,
  codec: 'pcma',
  voice: {
    talkMs: 61_000,
    listenMs: 42_000,
    talkOverMs: 2_000,
    silenceMs: 9_000,
    agentNoiseDb: -61,
    customerNoiseDb: -55,
  },
  prompt: null,
  ...over,
});

const inCall = async () => {
  const opened = await talking();
  const callId = opened.phone.state().calls[0]?.id;
  if (callId === undefined) throw new Error('no call');
  return { ...opened, callId };
};

describe('R40 how the call sounds', () => {
  it('is shown by bars, a word and the score, with one calm line', async () => {
    const { desk, callId } = await inCall();
    await seen(/通话质量好\s*4\.\d/);
    /** The phone goes on telling how the call really sounds: said again until it is seen. */
    const shows = (over: Partial<Quality>, words: RegExp): Promise<void> =>
      waitFor(() => {
        desk.quality.setState(quality(callId, over), true);
        expect(page()).toMatch(words);
      });
    await shows({ mos: 2.61, rating: 'poor', why: 'loss', lossPct: 12 }, /通话质量差\s*2\.6\s*网络丢包/);
    await shows({ prompt: 'customerNoisy' }, /通话质量好\s*4\.4\s*对方环境嘈杂/);
    expect(document.querySelector('.quality')?.getAttribute('data-rating')).toBe('good');
  });

  it('its figures open and close by key, and digits go on to the script meanwhile', async () => {
    const { desk, callId, user } = await inCall();
    desk.quality.setState(quality(callId), true);
    await user.keyboard('{Control>}i{/Control}');
    expect(await seen('往返时延')).toBe(true);
    await waitFor(() => {
      desk.quality.setState(quality(callId), true);
      expect(page()).toMatch(/21 ms.*1:01/);
    });
    await user.keyboard('{Escape}');
    await waitFor(() => expect(page()).not.toContain('往返时延'));
  });

  it('a new judgement each second draws nothing but itself', async () => {
    const { desk, callId } = await inCall();
    // From here on the call itself stands still.
    await seen(/通话质量好\s*4/);
    const before = { ...drawn };
    expect(before.bar).toBeGreaterThan(0);
    for (let second = 1; second <= 20; second += 1) {
      desk.quality.setState(quality(callId, { mos: 3 + second / 20 }), true);
      await waitFor(() => expect(document.querySelector('.quality .figure')?.textContent).not.toBe(''));
    }
    expect(drawn.customer).toBe(before.customer);
    // A recording that begins or a draft that was saved is none of this; twenty judgements would be twenty.
    expect(drawn.bar - before.bar).toBeLessThan(5);
  });

  it('what the guardian mended is told for a while', async () => {
    const { far } = await inCall();
    far.goSilent(true);
    await seen('收不到客户的声音');
    far.goSilent(false);
    expect(await waitFor(() => seen('已能听到客户'), { timeout: 5_000 })).toBe(true);
  });
});

describe('the end of a call', () => {
  it('says how it sounded, in one line beside the disposition', async () => {
    const { user } = await inCall();
    await seen(/通话质量好\s*4/);
    await user.keyboard('{F4}');
    expect(await seen(/通话质量好（MOS 4\.\d），您说话 \d+:\d\d，客户 \d+:\d\d，静默 \d+:\d\d/)).toBe(true);
  });
});

describe('copy diagnostics', () => {
  it('from the palette: onto a sheet and into the clipboard, with line, devices and transitions', async () => {
    const { user } = await signedIn();
    await user.keyboard('{Control>}k{/Control}');
    await user.keyboard('zhenduan{Enter}');
    await seen('已复制，可直接粘贴给技术支持');
    const text = copied.at(-1) ?? '';
    expect(text).toContain('line registered');
    expect(text).toContain('desk: engine up, agent notReady');
    expect(screen.getByLabelText('诊断文本')).toHaveProperty('value', text);
    await user.keyboard('{Escape}');
    await waitFor(() => expect(screen.queryByLabelText('诊断文本')).toBeNull());
  });

  it('is offered where the trouble is told', async () => {
    const { far, user } = await inCall();
    far.goSilent(true);
    await seen('收不到客户的声音');
    const before = copied.length;
    await user.click(await screen.findByRole('button', { name: '复制诊断信息' }));
    await waitFor(() => expect(copied.length).toBe(before + 1));
    expect(copied.at(-1)).toContain('guardian call=1 leg=receiving');
  });

  it('holds nothing of the customer on the screen, the agent, or what was typed', async () => {
    const { user, far, desk } = await inCall();
    await user.click(screen.getByLabelText('备注'));
    await user.keyboard('客户家住学院路 42 号，身份证 1101');
    far.goSilent(true);
    await seen('收不到客户的声音');
    await desk.actions.copyDiagnostics();
    const text = copied.at(-1) ?? '';
    const { snapshot } = desk.seat.getState();
    const personal = [
      ...sampleCustomers(0).flatMap((one) => [
        one.id,
        one.surname,
        one.nameMasked,
        ...one.numbers.map(({ key }) => key),
      ]),
      '林小满',
      '8001',
      'lanqiao',
      '学院路',
      '1101',
      snapshot?.contact?.contact.id ?? '',
      snapshot?.contact?.contact.callId ?? '',
    ].filter((value) => value.length > 0);
    expect(personal.length).toBeGreaterThan(10);
    expect(personal.filter((value) => text.includes(value))).toEqual([]);
  });

  it('a phone page that is away leaves what the desk knows', () =>
    expect(
      diagnosticsText(null, { engine: 'away', agent: 'ready', sync: 'offline', waiting: 3, practice: false }),
    ).toContain('phone: away'));
});
