import type { z } from 'zod';
import type { QueryClass } from './customer.ts';
import type { seatContract } from './seat.ts';
import type { Topic } from './script.ts';
import type { AccountAction } from './verification-tables.ts';
import { accountActions } from './verification-tables.ts';

/**
 * R9 and security 49: the class of everything that can be shown or done about a customer. What is not listed is strict. A field may be
 * served with a higher class than here, never with a lower one.
 */
const fieldClasses: Readonly<Record<string, QueryClass>> = {
  memberSince: 1,
  network: 1,
  area: 1,
  language: 1,
  preference: 1,
  contactTime: 1,
  fullName: 2,
  package: 2,
  lastBill: 2,
  balance: 2,
  dataLeft: 2,
  points: 2,
  contract: 2,
  tenure: 2,
  otherNumber: 2,
  idNumber: 3,
  address: 3,
  contactPhone: 3,
  birthday: 3,
  callDetails: 3,
  puk: 3,
};

export const knownFields: readonly string[] = Object.keys(fieldClasses);

/** @param served what central says of it; absent: it says nothing */
export const classOfField = (key: string, served?: QueryClass): QueryClass => {
  if (served === undefined) return 3;
  const floor = Object.hasOwn(fieldClasses, key) ? fieldClasses[key] : undefined;
  return floor === undefined ? served : (Math.max(floor, served) as QueryClass);
};

/** Everything an agent can ask of the seat about a contact or a customer: a new one without a class does not compile. */
export const callClasses = {
  'contact.identify': 1,
  'contact.chooseTopic': 1,
  'script.answer': 1,
  'script.back': 1,
  'verification.try': 1,
  'verification.sendCode': 1,
  'verification.keypad': 1,
  'verification.keypadCancel': 1,
  'verification.callBack': 1,
  'verification.askOverride': 1,
  // By the class of the field, at seat and central.
  'field.reveal': 'field',
  // By the action's own row in the decision table, at central.
  'account.change': 3,
  'recording.pause': 1,
  'recording.resume': 1,
  'draft.save': 1,
  'contact.wrapUp': 1,
  // What the caller says is written down, nothing is told (R7, R22).
  'customer.setField': 1,
  'customer.refuse': 1,
  // Whom to call, and why in spite of their word: nothing is told (R21, R22).
  'dial.ask': 1,
  'necessity.ask': 1,
  // A promise and a complaint are written down, nothing is told (R24, R29).
  'obligation.open': 1,
  'case.open': 1,
  // What was read out and what was ordered is written down; where in the recording it was said tells nothing of it (R30, R42).
  'order.open': 1,
  'script.tell': 1,
  'recording.marks': 1,
  'history.of': 1,
  // Masked, as the timeline is; what was said in a call is for those the role lets hear it, at central (R33).
  'customer.opened': 1,
  'history.open': 1,
  'recording.sound': 1,
  'recording.played': 1,
  'practice.cue': 1,
  'trace.popPainted': 1,
} as const satisfies Record<AboutSomebody, QueryClass | 'field'>;

type Calls = (typeof seatContract)['calls'];
type AboutSomebody = {
  [Name in keyof Calls]: Calls[Name]['request'] extends z.ZodObject<infer Shape>
    ? 'contactId' extends keyof Shape
      ? Name
      : 'customerId' extends keyof Shape
        ? Name
        : never
    : never;
}[keyof Calls];

/** What a topic does to the account, if anything. One this seat does not know is none it could do. */
export const actionOf = (topic: Pick<Topic, 'action'> | undefined): AccountAction | undefined =>
  accountActions.find((one) => one === topic?.action);
