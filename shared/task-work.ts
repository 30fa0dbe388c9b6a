import { z } from 'zod';
import { shiftReasons } from './blending.ts';
import { ContactId, type GrantId } from './ids.ts';
import { never } from './result.ts';
import { OwnTask, TaskItem } from './task-api.ts';

/**
 * What a seat does about outbound tasks. An inbound call always wins (R19): whatever takes the agent from being free puts the customer
 * shown back, unless it is the call to that very customer.
 *
 *   off ──turnedOn──▶ aside ──free──▶ asking ──given──▶ preview ──dialling──▶ dialling
 *    ▲                 ▲ ▲               │  ▲              │ passed │            │
 *    │                 │ └──taken────────┼──┼──────────────┘        ▼            │
 *    └──turnedOff──    └─────────────────┘  └─────again──────── nobody           │
 *     (from all)       ▲                                                         │
 *                      └──────────────────────────free or taken ────────────────┘
 *
 * A customer whom central has called comes to an agent who waits (R25): asking, nobody ──announced──▶ arriving ──▶ dialling, once their call
 * is at the telephone, or back to aside when it does not come.
 */
const tasks = z.array(OwnTask).max(100);
/** R19: this queue has kept its agents for callers since then, by the seat's clock. */
const shift = z.object({ queue: z.string().max(64), why: z.enum(shiftReasons), sinceMs: z.number() });
export const TaskWork = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('off') }),
  /** Not Ready, or with a customer. */
  z.object({ kind: z.literal('aside') }),
  /** `shift`: of the answer before; it is still so as far as anybody knows. */
  z.object({ kind: z.literal('asking'), shift: shift.optional() }),
  /** `why`: key of a sentence (`reason.<key>`); `againAtMs` null: only when the agent asks. */
  z.object({
    kind: z.literal('nobody'),
    why: z.string().max(64),
    againAtMs: z.number().nullable(),
    tasks,
    shift: shift.optional(),
  }),
  /** `boxEndsAtMs`: in progressive the call begins then, in preview the customer goes back. */
  z.object({
    kind: z.literal('preview'),
    item: TaskItem,
    askedAtMs: z.number(),
    endsAtMs: z.number(),
    boxEndsAtMs: z.number(),
    tasks,
  }),
  /** The telephone takes the call with this id by itself; who it is is on view before they are heard. */
  z.object({ kind: z.literal('arriving'), item: TaskItem, contactId: ContactId }),
  z.object({ kind: z.literal('dialling'), item: TaskItem }),
]);
export type TaskWork = z.infer<typeof TaskWork>;
type State<Kind extends TaskWork['kind']> = Extract<TaskWork, { readonly kind: Kind }>;

export type TaskWorkEvent =
  | { readonly kind: 'turnedOn' }
  | { readonly kind: 'turnedOff' }
  | { readonly kind: 'asked' }
  /** The agent is free for a customer, or is not. */
  | { readonly kind: 'free' | 'taken' }
  | ({ readonly kind: 'given' } & Omit<State<'preview'>, 'kind'>)
  | ({ readonly kind: 'nobody' } & Omit<State<'nobody'>, 'kind'>)
  | { readonly kind: 'passed'; readonly why: string }
  | ({ readonly kind: 'announced' } & Omit<State<'arriving'>, 'kind'>)
  | { readonly kind: 'dialling' }
  /** The dial was not permitted after all. */
  | { readonly kind: 'notDialled' };

export const nextTaskWork = (state: TaskWork, event: TaskWorkEvent): TaskWork => {
  if (event.kind === 'turnedOff') return state.kind === 'off' ? state : { kind: 'off' };
  if (state.kind === 'off') return event.kind === 'turnedOn' ? { kind: 'aside' } : state;
  switch (event.kind) {
    case 'turnedOn':
      return state;
    case 'free':
      return state.kind === 'dialling' ? { kind: 'aside' } : state;
    case 'taken':
      return state.kind === 'aside' || state.kind === 'dialling' ? state : { kind: 'aside' };
    case 'asked':
      if (state.kind === 'nobody' && state.shift !== undefined) return { kind: 'asking', shift: state.shift };
      return state.kind === 'aside' || state.kind === 'nobody' ? { kind: 'asking' } : state;
    case 'given':
      return state.kind === 'asking' ? { ...event, kind: 'preview' } : state;
    case 'nobody':
      return state.kind === 'asking' ? { ...event, kind: 'nobody' } : state;
    case 'passed':
      return state.kind === 'preview' ? { kind: 'nobody', why: event.why, againAtMs: null, tasks: state.tasks } : state;
    case 'dialling':
      return state.kind === 'preview' || state.kind === 'arriving' ? { kind: 'dialling', item: state.item } : state;
    case 'announced':
      return state.kind === 'nobody' || state.kind === 'asking'
        ? { kind: 'arriving', item: event.item, contactId: event.contactId }
        : state;
    case 'notDialled':
      return state.kind === 'dialling' || state.kind === 'arriving' ? { kind: 'aside' } : state;
    default:
      return never(event);
  }
};

/** Whose leave to call is in hand and unused. */
export const grantShown = (state: TaskWork): GrantId | null => (state.kind === 'preview' ? state.item.grantId : null);
