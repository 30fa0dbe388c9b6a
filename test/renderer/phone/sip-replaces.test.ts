import { type Session, SessionState } from 'sip.js';
import { describe, expect, it } from 'vitest';
import { replacedDialog, replacing } from '../../../renderer/phone/sip-replaces.ts';

const session = (callId: string, localTag: string, remoteTag: string, state = SessionState.Established): Session =>
  ({ state, dialog: { callId, localTag, remoteTag } }) as Session;
const asks = (...values: string[]) => ({ getHeaders: () => values });

describe('Replaces at the telephone (RFC 3891)', () => {
  const ours = session('c-1@far', 'mine', 'theirs');
  const other = session('c-2@far', 'mine2', 'theirs2');
  const all = [other, ours];

  it('REPL-1 names a call of ours by its Call-ID and both tags, ours as the to-tag', () => {
    expect(replacing(asks('c-1@far;to-tag=mine;from-tag=theirs'), all)).toEqual({ kind: 'session', session: ours });
    expect(replacing(asks('c-1@far ; From-Tag=theirs ; to-tag=mine'), all)).toEqual({ kind: 'session', session: ours });
    expect(replacing(asks(), all)).toEqual({ kind: 'nothing' });
  });

  it.each([
    ['another Call-ID', 'c-3@far;to-tag=mine;from-tag=theirs'],
    ['another tag of ours', 'c-1@far;to-tag=mine2;from-tag=theirs'],
    ['another tag of theirs', 'c-1@far;to-tag=mine;from-tag=theirs2'],
    ['the tags the wrong way round', 'c-1@far;to-tag=theirs;from-tag=mine'],
    ['the Call-ID in capitals', 'C-1@FAR;to-tag=mine;from-tag=theirs'],
  ])('REPL-2 481: %s', (_what, value) => {
    expect(replacing(asks(value), all)).toEqual({ kind: 'refused', status: 481 });
  });

  it('REPL-2 481 for a call that does not stand yet or any more; 486 when only an unanswered one was meant', () => {
    const early = [session('c-1@far', 'mine', 'theirs', SessionState.Establishing)];
    expect(replacing(asks('c-1@far;to-tag=mine;from-tag=theirs'), early)).toEqual({ kind: 'refused', status: 481 });
    expect(replacing(asks('c-1@far;to-tag=mine;from-tag=theirs'), [])).toEqual({ kind: 'refused', status: 481 });
    expect(replacing(asks('c-1@far;to-tag=mine;from-tag=theirs;early-only'), all)).toEqual({
      kind: 'refused',
      status: 486,
    });
  });

  it.each([
    ['two of them', ['c-1@far;to-tag=mine;from-tag=theirs', 'c-1@far;to-tag=mine;from-tag=theirs']],
    ['no tags', ['c-1@far']],
    ['one tag', ['c-1@far;to-tag=mine']],
    ['a tag twice', ['c-1@far;to-tag=mine;to-tag=mine;from-tag=theirs']],
    ['an empty tag', ['c-1@far;to-tag=;from-tag=theirs']],
    ['nothing', ['']],
    ['a tag that is none', ['c-1@far;to-tag=m ine;from-tag=theirs']],
    ['a name that is none', ['c 1;to-tag=mine;from-tag=theirs']],
    ['far too long', [`c-1@far;to-tag=mine;from-tag=theirs;x=${'y'.repeat(700)}`]],
  ])('REPL-2 400: %s', (_what, values) => {
    expect(replacedDialog(values)).toBe('malformed');
    expect(replacing(asks(...values), all)).toEqual({ kind: 'refused', status: 400 });
  });
});
