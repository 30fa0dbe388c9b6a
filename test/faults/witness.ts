import type { OpBody } from '../../shared/op.ts';
import { storable } from '../../shared/text.ts';
import type { Promised } from './history.ts';
import type { Seat } from './seat.ts';

/**
 * Notes, outside the seats' processes, what the agents were told is done: every answer "ok", and every fact their desks were shown of the
 * contact in hand. None of it may ever be untrue again.
 */
export type Witness = {
  readonly promises: readonly Promised[];
  /** What must never be seen right away, not only at the end. */
  readonly faults: readonly string[];
  readonly promised: (
    seat: Seat,
    agentId: string,
    name: OpBody['name'],
    /** The contact, the obligation or the case, the customer. */
    about: string,
    holds: (body: OpBody) => boolean,
  ) => void;
  /** Looks at what the desk shows now. */
  readonly seen: (seat: Seat) => void;
  readonly drafting: (seat: Seat, contactId: string, note: string) => void;
  readonly drafted: (seat: Seat, contactId: string, note: string) => void;
  /** The seat is there again after a kill: its draft must be. */
  readonly restarted: (seat: Seat) => void;
};

type Draft = { readonly contactId: string; readonly saved: string; readonly tried: readonly string[] };

export const makeWitness = (): Witness => {
  const promises: Promised[] = [];
  const faults: string[] = [];
  const noted = new Set<string>();
  const drafts = new Map<number, Draft>();

  const promised: Witness['promised'] = (seat, agentId, name, about, holds) => {
    promises.push({ seatId: seat.seatId(), agentId, what: `${name} ${about}`, holds });
  };
  const once = (key: string, note: () => void): void => {
    if (noted.has(key)) return;
    noted.add(key);
    note();
  };
  const seen = (seat: Seat): void => {
    const contact = seat.view()?.contact?.contact;
    if (contact === undefined) return;
    const { id, agentId } = contact;
    const fact = (name: OpBody['name'], value: string, holds: (body: OpBody) => boolean): void =>
      once(`${seat.number} ${name} ${id} ${value}`, () =>
        promised(seat, agentId, name, id, (body) => 'contactId' in body && body.contactId === id && holds(body)),
      );
    fact('contact.opened', '', () => true);
    if (contact.answeredAtMs !== null) fact('contact.answered', '', () => true);
    if (contact.endedAtMs !== null) fact('contact.ended', '', () => true);
    const { topicId, answers, verifications } = contact;
    if (topicId !== null)
      fact('contact.topicChosen', topicId, (body) => body.name === 'contact.topicChosen' && body.topicId === topicId);
    for (const { stepId, answerId } of answers)
      fact('contact.scriptAnswered', `${stepId} ${answerId}`, (body) =>
        body.name === 'contact.scriptAnswered'
          ? body.answers.some((one) => one.stepId === stepId && one.answerId === answerId)
          : false,
      );
    for (const { factor, atMs } of verifications)
      fact('contact.verified', `${factor} ${atMs}`, (body) =>
        body.name === 'contact.verified' ? body.factor === factor && body.atMs === atMs : false,
      );
  };
  return {
    promises,
    faults,
    promised,
    seen,
    drafting: (seat, contactId, note) => {
      const before = drafts.get(seat.number);
      const same = before?.contactId === contactId ? before : { contactId, saved: '', tried: [] };
      drafts.set(seat.number, { ...same, tried: [...same.tried, note] });
    },
    drafted: (seat, contactId, note) => void drafts.set(seat.number, { contactId, saved: note, tried: [] }),
    restarted: (seat) => {
      const draft = drafts.get(seat.number);
      const shown = seat.view()?.contact;
      if (draft === undefined || shown?.contact.id !== draft.contactId) return;
      if (![draft.saved, ...draft.tried].map(storable).includes(shown.draft.note))
        faults.push(`a draft of contact ${draft.contactId} was saved and is not there after a kill`);
    },
  };
};
