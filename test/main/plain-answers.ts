import type { Routes } from '../../shared/central-api.ts';

export type RouteName = keyof Routes;
export type Answer = { readonly status: number; readonly body: unknown };

export const ok = (body: unknown): Answer => ({ status: 200, body });
const alike = <Name extends RouteName>(names: readonly Name[], answer: Answer): Record<Name, Answer> =>
  Object.fromEntries(names.map((name) => [name, answer])) as Record<Name, Answer>;

/** What the central of the tests says whatever it is asked: a test that needs more of these has a real one. */
export const plainAnswers = {
  recordingSound: { status: 404, body: { error: { kind: 'notFound', reason: 'recordingMissing' } } },
  sendCode: ok({ expiresAtMs: 1_000 }),
  overrides: ok({ overrides: [] }),
  // Scripts are written at a real central only.
  scripts: ok({ scripts: [], names: {} }),
  scriptUses: ok({ scripts: [], topics: [], queues: [], tasks: [] }),
  ...alike(['scriptVersion', 'scriptSave', 'scriptMove', 'scriptCoverage'], {
    status: 404,
    body: { error: { kind: 'notFound', reason: 'script' } },
  }),
  colleagues: ok({ colleagues: [{ number: '8002', state: 'ready' }] }),
  ownTime: ok({ contacts: 0, talkMs: 0, unfinished: 0, states: [] }),
  agentForce: ok({}),
  feedback: ok({ rows: [], total: 0, contacts: 0, mayExport: false }),
  ...alike(['feedbackList', 'surveyList'], ok({ total: 0, rows: [], cursor: null })),
  ...alike(['feedbackExport', 'surveyExport'], ok({ name: 'file.csv', base64: '' })),
  surveys: ok({ surveys: [] }),
  survey: ok({ asked: 0, finished: 0, questions: [], agents: [], days: [], mayExport: false }),
  ...alike(['calendarTry', 'calendarSet'], ok({ total: 0, shown: [] })),
  teamStates: ok({ agents: [] }),
  recordingMarks: ok({ marks: [] }),
  practiceCallers: ok({ callers: [{ id: 'c1', label: { zh: '示例', en: 'Sample' }, queue: 'service' }] }),
  // A central without an exchange: nobody listens in, nothing is recorded.
  ...alike(['supervise', 'superviseMode'], {
    status: 409,
    body: { error: { kind: 'phone', reason: 'noSupervision' } },
  }),
  teamCalls: ok({ calls: [] }),
  ...alike(['recordingState', 'recordingPause'], {
    status: 409,
    body: { error: { kind: 'phone', reason: 'noRecorder' } },
  }),
  ...alike(['seats', 'seatHoldings', 'seatOrder'], {
    status: 403,
    body: { error: { kind: 'forbidden', reason: 'role' } },
  }),
  tasks: ok({ tasks: [], names: {}, lists: [], scripts: [], trees: [], packages: [], areas: [], agents: [] }),
  necessities: ok({ wishes: [] }),
  ...alike(['figures', 'figureList', 'figureExport', 'figureListExport', 'rates', 'rateSet'], {
    status: 403,
    body: { error: { kind: 'forbidden', reason: 'role' } },
  }),
  ...alike(['taskSave', 'taskEstimate', 'taskMove', 'listPaste', 'necessityAsk', 'necessityDecide'], {
    status: 404,
    body: { error: { kind: 'notFound', reason: 'task' } },
  }),
  ...alike(['keypadCancel', 'decideOverride', 'superviseEnd', 'recordingResume', 'signOut', 'practiceCall'], ok({})),
} satisfies Partial<Record<RouteName, Answer>>;

export const isPlain = (name: RouteName): name is keyof typeof plainAnswers => Object.hasOwn(plainAnswers, name);
