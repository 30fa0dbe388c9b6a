import { waitFor } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { page, seen, signedIn, talking } from './open-desk.ts';

const isGone = (text: string): Promise<true> =>
  waitFor(() => {
    if (page().includes(text)) throw new Error(`still on the page: ${text}`);
    return true as const;
  });

describe('a seat that may only be relayed (MEDIA-5)', () => {
  it('is told why no calls come, and that they come again', async () => {
    const { far } = await signedIn();
    far.relay('refused');
    await seen('媒体中继服务器拒绝了本坐席');
    far.relay('unreachable');
    await seen('连不上媒体中继服务器');
    far.relay('ready');
    expect(await isGone('媒体中继服务器')).toBe(true);
  });

  it('is told in a call what may be silent and what to do', async () => {
    const { far } = await talking();
    far.relay('unreachable');
    await seen('您和客户可能互相听不到');
    far.relay('ready');
    await isGone('您和客户可能互相听不到');
    expect(far.call()).toBe(486);
  });
});
