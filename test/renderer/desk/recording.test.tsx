import { screen, waitFor } from '@testing-library/react';
import axe from 'axe-core';
import { describe, expect, it } from 'vitest';
import { refusal } from '../../../shared/result.ts';
import { type Opened, page, ready, seen } from './open-desk.ts';

// R33, security 84: what the agent sees of the recording, and the lock on fields for secrets.

/** A call is recorded; a topic of class 3 is chosen. */
const recorded = async (
  answer: Opened['engine']['world']['recorder']['answer'] = 'at once',
  isRecording = true,
): Promise<Opened> => {
  const opened = await ready();
  opened.engine.world.recorder = { isRecording, answer };
  opened.far.call({ number: '13800138000', queue: 'service' });
  await screen.findByRole('region', { name: '客户' });
  await opened.user.keyboard('{F2}');
  await screen.findByRole('button', { name: /^静音/ });
  await opened.user.keyboard('5');
  await screen.findByRole('region', { name: '身份核验' });
  return opened;
};
const field = (): Promise<HTMLInputElement> => screen.findByLabelText<HTMLInputElement>(/^客户所说的/);
const mark = () => screen.getByRole('status', { name: '录音' }).textContent;
const becomes = (words: string) => waitFor(() => expect(mark()).toBe(words));
const asked = ({ engine }: Opened, name: string) => engine.asked.filter((call) => call.name === name).length;

describe('the mark', () => {
  it('says whether this call is recorded, by a word, as long as it goes on', async () => {
    const { user } = await recorded();
    expect(mark()).toBe('录音中');
    await user.keyboard('{F4}');
    await screen.findByRole('button', { name: /^完成小结/ });
    expect(screen.queryByRole('status', { name: '录音' })).toBeNull();
  });

  it('and that it is not', async () => {
    await recorded('at once', false);
    expect(mark()).toBe('未录音');
  });
});

describe('a field for a secret', () => {
  it('is locked until the recorder has said that it is silent, says so, and lets it go on when it is left', async () => {
    const opened = await recorded('waits');
    await opened.user.keyboard('1');
    const input = await field();
    await waitFor(() => expect(document.activeElement).toBe(input));
    await becomes('正在暂停录音');
    expect(input.readOnly).toBe(true);
    await seen('已锁定');
    const note = document.getElementById(input.getAttribute('aria-describedby') ?? '');
    expect(note?.textContent).toContain('正在暂停录音，请稍候再问客户。');
    await opened.user.keyboard('123');
    expect(input.value).toBe('');
    opened.engine.world.recorderAnswers();
    await becomes('录音已暂停');
    await waitFor(() => expect(input.readOnly).toBe(false));
    expect(document.activeElement).toBe(input);
    await seen('录音已暂停，请现在询问；离开此栏后自动恢复录音。');
    await opened.user.keyboard('123');
    expect(input.value).toBe('123');
    input.blur();
    await becomes('录音中');
    await waitFor(() => expect(input.readOnly).toBe(true));
  });

  it('resumes when the answer matched and the field is gone', async () => {
    const opened = await recorded();
    await opened.user.keyboard('1');
    const input = await field();
    await waitFor(() => expect(input.readOnly).toBe(false));
    await opened.user.keyboard('258036{Enter}');
    await screen.findByRole('region', { name: '话术' });
    await becomes('录音中');
    expect(asked(opened, 'recording.resume')).toBeGreaterThan(0);
  });

  it('stays silent after a wrong answer: the customer says it again at once', async () => {
    const opened = await recorded();
    await opened.user.keyboard('1');
    const input = await field();
    await waitFor(() => expect(input.readOnly).toBe(false));
    await opened.user.keyboard('000000{Enter}');
    await seen('不相符，还可尝试 2 次');
    expect(mark()).toBe('录音已暂停');
    expect(input.readOnly).toBe(false);
  });

  it('tells when it could not be paused and what to do, and can try again', async () => {
    const opened = await recorded(refusal('phone', 'recorderSilent'));
    await opened.user.keyboard('1');
    const input = await field();
    await seen('录音系统没有确认。');
    await seen('录音未能暂停，此项保持锁定。请改问其他项目，或再试一次。');
    expect(input.readOnly).toBe(true);
    expect(mark()).toBe('录音中');
    opened.engine.world.recorder = { isRecording: true, answer: 'at once' };
    await opened.user.click(screen.getByRole('button', { name: '暂停录音' }));
    await waitFor(() => expect(input.readOnly).toBe(false));
    expect(document.activeElement).toBe(input);
  });

  it('central away: a sentence, and the lock stays', async () => {
    const opened = await recorded(refusal('offline'));
    await opened.user.keyboard('1');
    const input = await field();
    await seen('录音未能暂停，此项保持锁定。');
    expect(input.readOnly).toBe(true);
  });

  it('locks again when the limit lets the recording go on in the middle', async () => {
    const opened = await recorded();
    await opened.user.keyboard('1');
    const input = await field();
    await waitFor(() => expect(input.readOnly).toBe(false));
    opened.engine.world.recorderLimit();
    await seen('录音暂停已到时限并自动恢复。请重新暂停后再继续。');
    expect(input.readOnly).toBe(true);
    await opened.user.click(screen.getByRole('button', { name: '暂停录音' }));
    await becomes('录音已暂停');
    await waitFor(() => expect(input.readOnly).toBe(false));
  });

  it.each(['waits', refusal('phone', 'recorderSilent')] as const)(
    'axe finds nothing while it is locked',
    async (answer) => {
      const opened = await recorded(answer);
      await opened.user.keyboard('1');
      await field();
      await seen('已锁定');
      const { violations } = await axe.run(document.body, { rules: { 'color-contrast': { enabled: false } } });
      expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ''}`)).toEqual([]);
    },
  );

  it('is open at once when nobody records, and a name or an address never waits', async () => {
    const quiet = await recorded('at once', false);
    await quiet.user.keyboard('1');
    expect((await field()).readOnly).toBe(false);
    expect(page()).not.toContain('已锁定');
  });

  it('what is no secret needs no silence', async () => {
    const opened = await recorded();
    await opened.user.keyboard('4');
    const input = await field();
    expect(input.labels?.[0]?.textContent).toContain('登记地址');
    expect(input.readOnly).toBe(false);
    expect(asked(opened, 'recording.pause')).toBe(0);
  });
});
