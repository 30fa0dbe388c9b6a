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
  readonly close: () => void;
};

/** Everything around a check, as routes; what the customer is owed goes out after each. */
export const openVerification = (needs: Needs): VerificationWork => {
  const notices = openNotices(needs);
  const hasKeypad = needs.keypad !== undefined;
  const told = async <T>(work: Promise<T>): Promise<T> => {
    const answer = await work;
    notices.look();
    return answer;
  };
  return {
    handlers: {
      check: (asked, session) => told(check(needs, session, asked)),
      sendCode: (asked, session) => sendCode(needs, session, asked),
      reveal: (asked, session) => reveal(needs, session, asked),
      standing: (asked, session) => standing({ ...needs, hasKeypad }, session, asked),
      keypad: (asked, session) => told(keypadEntry(needs, session, asked)),
      keypadCancel: (asked, session) => cancelKeypad(needs, session, asked, (id) => contactById(needs.db, id)),
      callBack: (asked, session) => callBack(needs, session, asked),
      sendLevel: (asked, session) => sendLevel(needs, session, asked),
      askOverride: (asked, session) => askOverride(needs, session, asked),
      overrides: (_asked, session) => overrides(needs, session),
      decideOverride: (asked, session) => told(decideOverride(needs, session, asked)),
      accountChange: (asked, session) => told(accountChange(needs, session, asked)),
    },
    settled: notices.settled,
    close: notices.close,
  };
};
