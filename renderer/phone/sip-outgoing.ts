import type { Inviter } from 'sip.js';
import type { Call } from '../../shared/call.ts';
import type { DialOrder } from './phone.ts';
import { causeOfStatus } from './sip-causes.ts';
import type { SipCall, SipCallPlan } from './sip-call.ts';

/**
 * A call that is being made.
 *
 * - OUT-1 A description before the answer (183, or a 180 with one) is the network speaking: it is heard, the agent is not (RFC 3960).
 *   Each fork may send one; the latest is heard, and the one that answers is talked to.
 * - OUT-2 Too brief a session timer for somebody on the way (422): asked once more with theirs (RFC 4028 7.3).
 */
/** Sends the INVITE; progress and refusals become events. Resolves when it is on the wire or failed. */
export const placeCall = async (
  plan: SipCallPlan & { session: Inviter; readonly onTooBrief?: () => void },
  sipCall: SipCall,
): Promise<void> => {
  const { session, store, call, clock } = plan;
  const apply = (kind: 'progress' | 'earlyMedia'): void => {
    const before = store.find(call.id);
    const after = store.apply(call.id, { kind, atMs: clock.nowMs() });
    if (after !== undefined && after !== before) plan.onChange(after.state);
  };
  await session
    .invite({
      requestDelegate: {
        onProgress: ({ message }) => {
          if ((message.statusCode ?? 0) <= 100) return;
          apply('progress');
          // OUT-1
          if (message.body === '' || !/^application\/sdp\b/i.test(message.getHeader('Content-Type') ?? '')) return;
          void plan
            .media()
            ?.hearEarly(message.body)
            .then((isHeard) => {
              if (isHeard) apply('earlyMedia');
            });
        },
        onReject: ({ message }) => {
          const status = message.statusCode ?? 500;
          // OUT-2
          if (status === 422 && plan.onTooBrief !== undefined) return plan.onTooBrief();
          sipCall.end(plan.isLineOpen() ? causeOfStatus(status) : 'network');
        },
        onRedirect: () => sipCall.end('notFound'),
      },
    })
    .catch(() => sipCall.end(plan.isLineOpen() ? 'media' : 'network'));
};

export const outgoingCall = ({ callId, contactId, dial, aside }: DialOrder, atMs: number): Call => ({
  id: callId,
  direction: 'outbound',
  number: dial,
  display: '',
  contactId,
  ...(aside === undefined ? {} : { aside }),
  state: { kind: 'dialling', sinceMs: atMs },
  trace: { inviteMs: atMs },
});
