import { screen } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { Script } from '../../../shared/script.ts';
import { type Opened, page, ready, seen } from './open-desk.ts';
import { payloads } from './payloads.ts';
import { customer, sampleScript } from './sample.ts';

/** Security 21: names, notes, scripts and SIP names are text and stay text. */
/** One of nine here, where each takes a call of its own; all of them in every place: test/e2e/hostile-text.test.ts. */
const some = payloads.filter((_, at) => at % 9 === 0);

const forbidden =
  'script, img, iframe, object, embed, style, link, base, form[action], math, video, template, marquee, meta, [onerror], [onload], [onclick], [onfocus], [style*="fixed"], a[href]';

const shown = async (opened: Opened, payload: string): Promise<void> => {
  const name = payload.slice(0, 20) || 'x';
  opened.engine.world.customers.splice(
    0,
    opened.engine.world.customers.length,
    customer('C-9', {
      surname: name,
      nameMasked: payload.slice(0, 40),
      manager: payload.slice(0, 40),
      card: 'gold',
      area: { zh: payload, en: payload },
      package: { id: 'p', name: { zh: payload, en: payload } },
      fields: [{ key: payload.slice(0, 40), class: 1, shown: payload }],
      cases: [
        {
          id: '1',
          kind: 'report',
          title: { zh: payload, en: payload },
          department: { zh: payload, en: payload },
          openedAtMs: 1,
          deadlineMs: 2,
          status: 'open',
        },
      ],
      numbers: [{ key: '+8613800138000', confidence: 'certain' }],
    }),
  );
  opened.engine.world.script = Script.parse({
    ...sampleScript,
    title: { zh: payload, en: payload },
    steps: [
      {
        ...sampleScript.steps[0],
        say: { zh: payload, en: payload },
        answers: [{ id: 'a', label: { zh: payload, en: payload }, next: null }],
      },
    ],
  });
};

describe('security 21: hostile text is inert everywhere it is shown', () => {
  it('there are at least fifty payloads', () => expect(some.length).toBeGreaterThanOrEqual(50));

  it('names, areas, fields, cases, scripts, notes and the SIP name', async () => {
    Object.assign(window, { __hit: 0 });
    const opened = await ready();
    for (const [index, payload] of some.entries()) {
      await shown(opened, payload);
      // Each payload calls, with itself as the display name, and is declined after it was on the screen.
      opened.far.call({ number: '13800138000', queue: 'service', display: payload });
      await screen.findByRole('region', { name: '客户' });
      await opened.user.keyboard('{F2}');
      await screen.findByRole('button', { name: /^静音/ });
      await opened.user.keyboard('6');
      await screen.findByRole('region', { name: '话术' });
      expect(document.body.querySelectorAll(forbidden), payload).toHaveLength(0);
      await opened.user.keyboard('{F4}');
      await screen.findByRole('button', { name: /^完成小结/ });
      await opened.user.keyboard('4{Control>}{Enter}{/Control}');
      await seen(new RegExp(`接触数${index + 1}`));
    }
    expect((window as unknown as { __hit: number }).__hit).toBe(0);
  }, 120_000);

  it('the words of a payload are read as they are written', async () => {
    const opened = await ready();
    await shown(opened, '<b>李</b>');
    opened.far.call({ number: '13800138000', queue: 'service', display: '<i>li</i>' });
    await seen('对方自报：<i>li</i>');
    expect(page()).toContain('<b>李</b>');
  });
});
