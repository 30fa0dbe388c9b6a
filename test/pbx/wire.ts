import type { Page } from 'playwright-core';
import type { Call } from '../../shared/call.ts';
import { exchangeName } from '../../shared/call.ts';
import { PhoneState } from '../../shared/phone.ts';

/** What the pages of a seat say and hear on their sockets: to Asterisk, and to the seat's engine. */
export type Wire = {
  /** Calls offered to the seat, as Asterisk wrote them; in their order, repetitions of one call left out. */
  readonly invites: () => readonly Invite[];
  /** The phone's last word on the call of this contact, with its own measurements. */
  /** By the exchange's name for it. */
  readonly callOf: (name: string) => Call | undefined;
};

export type Invite = { readonly from: string; readonly queue: string; readonly contactId: string };

/** Listens from the page's next socket on: call it before the page is loaded. */
export const tapWire = (page: Page): Wire => {
  const invites = new Map<string, Invite>();
  const calls = new Map<string, Call>();
  page.on('websocket', (socket) => {
    socket.on('framereceived', ({ payload }) => {
      const text = String(payload);
      if (!text.startsWith('INVITE ')) return;
      const queue = headerOf(text, 'X-Queue');
      const contactId = headerOf(text, 'X-Contact-Id');
      const from = /sip:([^@>]*)@/.exec(headerOf(text, 'From'))?.[1] ?? '';
      if (contactId !== '') invites.set(headerOf(text, 'Call-ID'), { from, queue, contactId });
    });
    socket.on('framesent', ({ payload }) => {
      const text = String(payload);
      if (!text.includes('"phone.report"')) return;
      const message: { readonly args?: unknown } = JSON.parse(text);
      const report = PhoneState.safeParse(message.args);
      for (const call of report.data?.calls ?? []) calls.set(exchangeName(call), call);
    });
  });
  return { invites: () => [...invites.values()], callOf: (name) => calls.get(name) };
};

const headerOf = (message: string, name: string): string =>
  new RegExp(`^${name}: *(.*)$`, 'im').exec(message)?.[1]?.trim() ?? '';
