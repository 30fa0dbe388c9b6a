import { z } from 'zod';
import { AgentState } from '../../../shared/agent.ts';
import type { Call } from '../../../shared/call.ts';
import { PhoneState } from '../../../shared/phone.ts';
import type { Seen } from './recorder.ts';

/** What the records of the pages say, in the words of the seat contract. */

const SentCall = z.object({ t: z.literal('call'), id: z.number(), name: z.string(), args: z.unknown() });
const Answered = z.object({ t: z.literal('result'), id: z.number(), ok: z.boolean() });
const AgentTold = z.object({ t: z.literal('event'), name: z.literal('agent'), body: AgentState });
/** What became true together comes in one message. */
const ToldTogether = z.object({ t: z.literal('events'), events: z.array(z.unknown()) });
const Painted = z.object({ contactId: z.string(), atMs: z.number() });

const sentCall = (record: Seen, name: string): z.infer<typeof SentCall> | undefined => {
  if (record.kind !== 'sent' || !record.text.startsWith('{')) return undefined;
  const call = SentCall.safeParse(JSON.parse(record.text));
  return call.success && call.data.name === name ? call.data : undefined;
};

/** The desk says that a pop is on the screen. */
export const painted = (record: Seen): z.infer<typeof Painted> | undefined => {
  const call = sentCall(record, 'trace.popPainted');
  return call === undefined ? undefined : Painted.parse(call.args);
};

/** The phone page reports a call that is as wanted. */
export const reported =
  (wanted: (call: Call) => boolean) =>
  (record: Seen): Call | undefined => {
    const call = sentCall(record, 'phone.report');
    return call === undefined ? undefined : PhoneState.parse(call.args).calls.find(wanted);
  };

export const agentIs =
  (kind: AgentState['kind']) =>
  (record: Seen): true | undefined => {
    if (record.kind !== 'heard') return undefined;
    const message: unknown = JSON.parse(record.text);
    const together = ToldTogether.safeParse(message);
    const told = (together.success ? together.data.events : [message]).flatMap((one) => {
      const agent = AgentTold.safeParse(one);
      return agent.success ? [agent.data.body.kind] : [];
    });
    return told.includes(kind) ? true : undefined;
  };

export const keyPressed =
  (key: string) =>
  (record: Seen): number | undefined =>
    record.kind === 'key' && record.key === key ? record.atMs : undefined;

export const inviteSent = (record: Seen): number | undefined =>
  record.kind === 'sent' && record.text === 'INVITE' ? record.atMs : undefined;

/** Id of the request that carries a script answer. */
export const answerSent = (record: Seen): number | undefined => sentCall(record, 'script.answer')?.id;

/** When the engine's word on a request came. @throws when it was refused: what is not stored is no sample */
export const answered =
  (id: number) =>
  (record: Seen): number | undefined => {
    if (record.kind !== 'heard') return undefined;
    const answer = Answered.safeParse(JSON.parse(record.text));
    if (!answer.success || answer.data.id !== id) return undefined;
    if (!answer.data.ok) throw new Error('a script answer was refused');
    return record.atMs;
  };
