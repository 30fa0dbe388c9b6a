import { screen, waitFor } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import en from '../../../renderer/desk/locales/en.json' with { type: 'json' };
import zh from '../../../renderer/desk/locales/zh-CN.json' with { type: 'json' };
import type { RefusedOp } from '../../../shared/seat.ts';
import { page, signedIn } from './open-desk.ts';

const refusedWrapUp: RefusedOp = {
  ...{ opId: 'op-1', name: 'contact.wrappedUp', contactId: 'c-1', atMs: Date.now(), kind: 'conflict' },
  reason: 'callRunning',
  repair: { customer: '李*', isOwn: true, edit: { kind: 'wrapUp', note: 'old', disposition: ['no such'] } },
};
const ofAnother: RefusedOp = {
  ...refusedWrapUp,
  ...{ opId: 'op-2', name: 'contact.verified', repair: { customer: null, isOwn: false, edit: null } },
};

const opened = async (ops: RefusedOp[], language: 'zh-CN' | 'en' = 'zh-CN') => {
  const desk = await signedIn(language);
  desk.engine.world.setRefusedOps(ops);
  desk.desk.ui.setState({ side: 'sync' });
  await screen.findByRole('heading', { name: (language === 'en' ? en : zh)['sync.refusedTitle'] });
  return desk;
};

describe('REPAIR what central refused is told in words and repaired by keyboard', () => {
  it('says what, about whom and why, and sends it again', async () => {
    const desk = await opened([refusedWrapUp]);
    expect(page()).toContain(zh['op.contact.wrappedUp']);
    expect(page()).toContain('李*');
    (await screen.findByRole('button', { name: zh['repair.retry'] })).focus();
    await desk.user.keyboard('{Enter}');
    await waitFor(() => expect(desk.engine.world.repaired).toEqual([{ opId: 'op-1', how: 'retry' }]));
    await waitFor(() => expect(page()).toContain(zh['sync.refusedNone']));
  });

  it('changes a wrap-up: disposition and note, in English too; Escape leaves it as it was', async () => {
    const desk = await opened([refusedWrapUp], 'en');
    const edit = await screen.findByRole('button', { name: en['repair.edit'] });
    edit.focus();
    await desk.user.keyboard('{Enter}');
    const note = await screen.findByLabelText(en['repair.note']);
    await desk.user.type(note, '{Escape}');
    await waitFor(() => expect(screen.queryByLabelText(en['repair.note'])).toBeNull());
    await desk.user.click(edit);
    const select = await screen.findByLabelText(en['repair.disposition']);
    const option = select.querySelectorAll('option')[1];
    await desk.user.selectOptions(select, option?.value ?? '');
    const again = await screen.findByLabelText(en['repair.note']);
    await desk.user.clear(again);
    await desk.user.type(again, 'better');
    await desk.user.click(screen.getByRole('button', { name: en['repair.send'] }));
    const how = { note: 'better', disposition: (option?.value ?? '').split('/') };
    await waitFor(() => expect(desk.engine.world.repaired).toEqual([{ opId: 'op-1', how }]));
  });

  it('gives up only with a reason; what another agent wrote can be sent again and nothing else', async () => {
    const desk = await opened([refusedWrapUp, ofAnother]);
    expect(await screen.findAllByRole('button', { name: zh['repair.discard'] })).toHaveLength(1);
    expect(page()).toContain(zh['repair.ofAnother']);
    await desk.user.click(screen.getByRole('button', { name: zh['repair.discard'] }));
    await desk.user.type(await screen.findByLabelText(zh['repair.reason']), '重复录入{Enter}');
    await waitFor(() => expect(desk.engine.world.repaired).toEqual([{ opId: 'op-1', how: '重复录入' }]));
  });

  it('the first load shows how far it is, and that work can begin', async () => {
    const desk = await signedIn('en');
    desk.engine.world.setSync({ kind: 'loading', waiting: 0, rows: 250, total: 1_000 });
    desk.desk.ui.setState({ side: 'sync' });
    const bar = await screen.findByRole('progressbar', { name: en['sync.loadingTitle'] });
    expect(bar.getAttribute('value')).toBe('250');
    expect(bar.getAttribute('max')).toBe('1000');
    expect(page()).toContain(en['sync.loadingLong']);
  });
});
