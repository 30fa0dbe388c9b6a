import type { Policy } from '../shared/policy.ts';
import type { Clock, Log, Random } from './ambient.ts';
import { accountChange } from './account-changes.ts';
import { contactById } from './contacts.ts';
import type { Db } from './db.ts';
import type { Handlers } from './http.ts';
import { cancelKeypad, keypadEntry } from './keypad.ts';
import type { Keypad } from './keypad-port.ts';
import { openNotices } from './notices.ts';
import { askOverride, decideOverride, overrides } from './overrides.ts';
import type { RecordingWork } from './recording.ts';
import { reveal } from './reveal.ts';
import type { Secrets } from './secrets.ts';
import type { Session } from './sessions.ts';
import type { Sms } from './sms.ts';
import { callBack, sendLevel, standing } from './standing.ts';
import { check, sendCode } from './verification.ts';

type Needs = {
  readonly db: Db;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly secrets: Secrets;
  readonly policy: Policy;
  readonly sms: Sms | undefined;
  readonly keypad: Keypad | undefined;
  readonly recording: RecordingWork;
};

export type VerificationWork = {
  readonly handlers: Partial<Handlers>;
  /** Resolves when the notices owed until now were sent, or not taken. */
  readonly settled: () => Promise<void>;
  readonly close: () => Promise<void>;
};

/** Everything around a check, as routes; what the customer is owed goes out after each. */
export const openVerification = (needs: Needs): VerificationWork => {
  const notices = openNotices(needs);
  const hasKeypad = needs.keypad !== undefined;
  /** What a session asks is done with its tenant's rows. */
  const of = ({ db }: Session): Needs => ({ ...needs, db });
  const told = async <T>(work: Promise<T>): Promise<T> => {
    const answer = await work;
    notices.look();
    return answer;
  };
  return {
    handlers: {
      check: (asked, session) => told(check(of(session), session, asked)),
      sendCode: (asked, session) => sendCode(of(session), session, asked),
      reveal: (asked, session) => reveal(of(session), session, asked),
      standing: (asked, session) => standing({ ...of(session), hasKeypad }, session, asked),
      keypad: (asked, session) => told(keypadEntry(of(session), session, asked)),
      keypadCancel: (asked, session) => cancelKeypad(of(session), session, asked, (id) => contactById(session.db, id)),
      callBack: (asked, session) => callBack(of(session), session, asked),
      sendLevel: (asked, session) => sendLevel(of(session), session, asked),
      askOverride: (asked, session) => askOverride(of(session), session, asked),
      overrides: (_asked, session) => overrides(of(session), session),
      decideOverride: (asked, session) => told(decideOverride(of(session), session, asked)),
      accountChange: (asked, session) => told(accountChange(of(session), session, asked)),
    },
    settled: notices.settled,
    close: notices.close,
  };
};
