import type { z } from 'zod';
import type { Page } from './app-scheme.ts';
import { pageOf } from './app-scheme.ts';

/** Names on the wire between preload and shell; preload/bridge.ts spells the same ones. */
export const channels = Object.freeze({
  askPorts: 'zuoxi:ports',
  port: 'zuoxi:port',
  tell: 'zuoxi:tell',
  language: 'zuoxi:language',
});

type Frame = { readonly url: string; readonly parent: unknown };
type Sent<Contents> = { readonly sender: Contents; readonly senderFrame: Frame | null };
export type IpcListener<Contents> = {
  on(channel: string, listener: (event: Sent<Contents>, ...args: unknown[]) => void): unknown;
};

/**
 * The only way the shell listens (security 11, 12): the sender must be the main frame of one of our windows showing its own page,
 * and the argument must fit its schema. Anything else is dropped and counted.
 */
export const listen = <Contents, Argument>(
  ipc: IpcListener<Contents>,
  channel: string,
  schema: z.ZodType<Argument>,
  parts: {
    readonly pageOfContents: (contents: Contents) => Page | undefined;
    readonly onMessage: (page: Page, argument: Argument) => void;
    readonly onDenied: (channel: string) => void;
  },
): void => {
  ipc.on(channel, (event, ...args) => {
    const page = parts.pageOfContents(event.sender);
    const frame = event.senderFrame;
    const isOwnMainFrame = page !== undefined && frame !== null && frame.parent === null && pageOf(frame.url) === page;
    const argument = args.length <= 1 ? schema.safeParse(args[0]) : undefined;
    if (isOwnMainFrame && argument?.success === true) return parts.onMessage(page, argument.data);
    parts.onDenied(channel);
  });
};
