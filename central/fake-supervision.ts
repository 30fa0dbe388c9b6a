import { ok, refused } from '../shared/result.ts';
import { PbxFault } from './pbx.ts';
import type { Supervision, SupervisionEvent, SupervisionSession } from './supervision-port.ts';

/** Supervision in memory, for tests and for centres that try Zuoxi without telephones. Calls and telephones are made by hand. */
export type FakeSupervision = Supervision & {
  /** The agent talks to a customer; the returned function ends the call. */
  readonly callBegins: (agentSipUser: string, contactId: string | null) => () => void;
  /** The telephone is there and answers when central calls it; the returned function takes it away. */
  readonly telephone: (leadSipUser: string) => () => void;
  /** The lead hangs up at the telephone. */
  readonly leadHangsUp: (id: string) => void;
};

type Running = SupervisionSession & { readonly leadSipUser: string };

export const makeFakeSupervision = (): FakeSupervision => {
  const calls = new Map<string, string | null>();
  const telephones = new Set<string>();
  const sessions = new Map<string, Running>();
  const listeners = new Set<(event: SupervisionEvent) => void>();
  let isClosed = false;
  const open = (): void => {
    if (isClosed) throw new PbxFault('closed', 'The exchange was closed.');
  };
  const tell = (event: SupervisionEvent): void => {
    for (const listener of listeners) listener(event);
  };
  const shown = ({ id, agentSipUser, contactId, mode }: Running): SupervisionSession => ({
    id,
    agentSipUser,
    contactId,
    mode,
  });
  const end = (id: string): void => {
    if (sessions.delete(id)) tell({ kind: 'ended', id });
  };

  return {
    start: async ({ id, leadSipUser, agentSipUser, mode }) => {
      open();
      const contactId = calls.get(agentSipUser);
      if (contactId === undefined) return refused('notInCall');
      if ([...sessions.values()].some((session) => session.leadSipUser === leadSipUser)) return refused('leadBusy');
      if (!telephones.has(leadSipUser)) return refused('leadUnreachable');
      const session = { id, leadSipUser, agentSipUser, contactId, mode };
      sessions.set(id, session);
      if (mode === 'takeOver') calls.delete(agentSipUser);
      tell({ kind: 'began', session: shown(session) });
      return ok(shown(session));
    },
    setMode: async (id, mode) => {
      open();
      const session = sessions.get(id);
      if (session === undefined) return refused('noSession');
      if (session.mode === mode) return ok(shown(session));
      if (session.mode === 'takeOver') return refused('takenOver');
      const changed = { ...session, mode };
      sessions.set(id, changed);
      if (mode === 'takeOver') calls.delete(session.agentSipUser);
      tell({ kind: 'changed', session: shown(changed) });
      return ok(shown(changed));
    },
    stop: async (id) => {
      open();
      end(id);
    },
    sessions: async () => {
      open();
      return [...sessions.values()].map(shown);
    },
    onEvent: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: async () => {
      isClosed = true;
      listeners.clear();
    },
    callBegins: (agentSipUser, contactId) => {
      calls.set(agentSipUser, contactId);
      return () => {
        calls.delete(agentSipUser);
        for (const session of sessions.values()) if (session.agentSipUser === agentSipUser) end(session.id);
      };
    },
    telephone: (leadSipUser) => {
      telephones.add(leadSipUser);
      return () => telephones.delete(leadSipUser);
    },
    leadHangsUp: end,
  };
};
