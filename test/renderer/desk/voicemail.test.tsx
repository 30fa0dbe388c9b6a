import { screen, waitFor } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { signedIn } from './open-desk.ts';

describe('the mailbox in the agent bar', () => {
  it('tells how many new messages wait, in words and to a screen reader, and is gone with the last', async () => {
    const { far } = await signedIn();
    expect(screen.queryByText(/^留言/)).toBeNull();
    far.voicemail(2, 1);
    const chip = await screen.findByRole('img', { name: '您的语音信箱有 2 条新留言、1 条旧留言' });
    expect(chip.textContent).toBe('留言 2');
    expect(chip.querySelector('svg')).not.toBeNull();
    far.voicemail(0, 3);
    await waitFor(() => expect(screen.queryByText(/^留言/)).toBeNull());
  });

  it('speaks English as well, of one or many', async () => {
    const { far } = await signedIn('en');
    far.voicemail(1, 0);
    const chip = await screen.findByRole('img', { name: '1 new voice message in your mailbox, 0 old' });
    expect(chip.textContent).toBe('Voicemail 1');
    far.voicemail(12, 0);
    expect(await screen.findByText('Voicemail 12')).toBeDefined();
  });
});
