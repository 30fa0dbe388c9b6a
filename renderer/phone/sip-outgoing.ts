import type { Inviter } from 'sip.js';
import type { Call } from '../../shared/call.ts';
import type { Microphone } from './microphone.ts';
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
type Attempt = SipCallPlan & { readonly session: Inviter; readonly sipCall: SipCall };

/** Opens the microphone if need be and sends the INVITE. Resolves when it is on the wire or failed; events tell the rest. */
export const placeCall = async (microphone: Microphone, begin: () => Attempt): Promise<void> => {
  const first = begin();
  if (microphone.track() === undefined && (await microphone.open()).kind !== 'ready')
    return first.sipCall.end('microphone');
  return invite(first, () => {
    first.sipCall.abandon();
    void invite(begin());
  });
};

/** Progress and refusals become events. */
const invite = async (attempt: Attempt, onTooBrief?: () => void): Promise<void> => {
  const { session, sipCall, store, call, clock } = attempt;
  const apply = (kind: 'progress' | 'earlyMedia'): void => {
    const before = store.find(call.id);
    const after = store.apply(call.id, { kind, atMs: clock.nowMs() });
    if (after !== undefined && after !== before) attempt.onChange(after.state);
  };
  await session
    .invite({
      requestDelegate: {
        onProgress: ({ message }) => {
          if ((message.statusCode ?? 0) <= 100) return;
          apply('progress');
          // OUT-1
          if (message.body === '' || !/^application\/sdp\b/i.test(message.getHeader('Content-Type') ?? '')) return;
          void attempt
            .media()
            ?.hearEarly(message.body)
            .then((isHeard) => {
              if (isHeard) apply('earlyMedia');
            });
        },
        onReject: ({ message }) => {
          const status = message.statusCode ?? 500;
          // OUT-2
          if (status === 422 && onTooBrief !== undefined) return onTooBrief();
          sipCall.end(attempt.isLineOpen() ? causeOfStatus(status) : 'network');
        },
        onRedirect: () => sipCall.end('notFound'),
      },
    })
    .catch(() => sipCall.end(attempt.isLineOpen() ? 'media' : 'network'));
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
