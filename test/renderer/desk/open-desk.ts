import { configure, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach } from 'vitest';
import { systemClock } from '../../../renderer/desk/clock.ts';
import { type Desk, makeDesk } from '../../../renderer/desk/desk.ts';
import { mountDesk } from '../../../renderer/desk/mount.tsx';
import type { Language } from '../../../shared/text.ts';
import { fakeSpeaker } from './fake-speaker.ts';
import { createStage, type Stage } from './stage.ts';

/** The whole desk in jsdom, with engine and phone in memory. */
export type Opened = Stage & {
  readonly desk: Desk;
  readonly user: ReturnType<typeof userEvent.setup>;
  /** Another page load of the same tab: same storage, same engine and phone. */
  readonly reload: () => Opened;
};

// What is missing and the words on the page say enough; the whole tree does not fit on a screen.
configure({
  getElementError: (message) => new Error(`${message?.split('\n')[0] ?? ''}\n${document.body.textContent}`),
});

const open = new Set<() => void>();
/** What went into the clipboard, in order. */
export const copied: string[] = [];

beforeEach(() => {
  // The desk draws by itself when engine or phone say something; tests wait for what is seen instead of wrapping each turn.
  Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: false });
});
afterEach(() => {
  for (const close of open) close();
  open.clear();
  document.body.replaceChildren();
});

export const memory = (): Pick<Storage, 'getItem' | 'setItem'> => {
  const kept = new Map<string, string>();
  return { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => void kept.set(key, value) };
};

/** A machine on which everybody has seen the tour. */
const experienced = (): ReturnType<typeof memory> => {
  const kept = memory();
  kept.setItem('zuoxi.tour', '*');
  return kept;
};

/** What the desk played; its time goes by with the clock's. */
export const speaker = fakeSpeaker(systemClock.now);

/** Pages of the browser that were opened beside the desk. */
export const pagesOpened: string[] = [];

export const openDesk = (language: Language = 'zh-CN', stage: Stage = createStage(), local = experienced()): Opened => {
  const element = document.createElement('div');
  document.body.append(element);
  const desk = makeDesk({
    host: stage.host,
    clock: systemClock,
    random: () => 0.5,
    preciseNow: () => performance.timeOrigin + performance.now(),
    local,
    systemLanguage: language,
    copy: async (text) => void copied.push(text),
    speaker,
    openPage: (url) => void pagesOpened.push(url),
  });
  const unmount = mountDesk(desk, element);
  const close = (): void => {
    unmount();
    desk.stop();
    element.remove();
  };
  open.add(close);
  return {
    ...stage,
    desk,
    user: userEvent.setup(),
    reload: () => {
      open.delete(close);
      close();
      return openDesk(language, stage, local);
    },
  };
};

/** Signed in with the first sample account. */
export const signedIn = async (language: Language = 'zh-CN'): Promise<Opened> => {
  const opened = openDesk(language);
  await screen.findByRole('button', { name: /林小满/ });
  await opened.user.keyboard('1');
  await screen.findByRole('navigation', { name: language === 'en' ? 'Functions' : '功能' });
  await waitFor(() => {
    if (opened.desk.phone.getState().state.line.kind !== 'registered') throw new Error('no line yet');
  });
  return opened;
};

/** Signed in, and through with the shift-start check. */
export const checkedIn = async (language: Language = 'zh-CN'): Promise<Opened> => {
  const opened = await signedIn(language);
  await opened.user.keyboard('13');
  await waitFor(() => {
    const { session } = opened.desk.seat.getState().snapshot ?? {};
    if (session?.kind !== 'signedIn' || session.shiftCheckedAtMs === undefined) throw new Error('not checked yet');
  });
  return opened;
};

export const ready = async (language: Language = 'zh-CN'): Promise<Opened> => {
  const opened = await checkedIn(language);
  await opened.user.keyboard('{F8}');
  await opened.user.keyboard('1');
  await waitFor(() => {
    if (opened.engine.agent().kind !== 'ready') throw new Error('not ready yet');
  });
  return opened;
};

/** A customer calls and is on the screen, with all that comes a frame after the name. */
export const ringing = async (number = '13800138000', language: Language = 'zh-CN'): Promise<Opened> => {
  const opened = await ready(language);
  opened.far.call({ number, queue: 'service' });
  await screen.findByRole('region', { name: language === 'en' ? 'Customer' : '客户' });
  await screen.findByRole('region', { name: language === 'en' ? 'Wrap-up' : '话后处理' });
  return opened;
};

export const talking = async (number = '13800138000', language: Language = 'zh-CN'): Promise<Opened> => {
  const opened = await ringing(number, language);
  await opened.user.keyboard('{F2}');
  await screen.findByRole('button', { name: language === 'en' ? /^Mute/ : /^静音/ });
  return opened;
};

export const wrapping = async (language: Language = 'zh-CN'): Promise<Opened> => {
  const opened = await talking('13800138000', language);
  await opened.user.keyboard('{F4}');
  await waitFor(() => {
    if (opened.engine.agent().kind !== 'wrapUp') throw new Error('no wrap-up yet');
  });
  await screen.findByRole('button', { name: language === 'en' ? /^Finish/ : /^完成小结/ });
  return opened;
};

/** Texts of the desk come in pieces; what is read is the whole. */
export const page = (): string => document.body.textContent ?? '';
/** Resolves with true once the words are on the page; else fails with what is there instead. */
export const seen = (text: string | RegExp): Promise<true> =>
  waitFor(() => {
    const found = typeof text === 'string' ? page().includes(text) : text.test(page());
    if (!found) throw new Error(`not on the page: ${String(text)}\n${page()}`);
    return true as const;
  });
