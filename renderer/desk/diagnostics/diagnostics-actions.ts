import { diagnosticsText } from '../../../shared/diagnostics.ts';
import type { PhoneLink, SeatStore } from '../seat-store.ts';
import type { UiStore } from '../ui-store.ts';

type Parts = {
  readonly seat: SeatStore;
  readonly phoneLink: PhoneLink;
  readonly ui: UiStore;
  /** Rejects when the browser does not let us. */
  readonly copy: (text: string) => Promise<void>;
};

/** What support asks for first, into the clipboard and onto a sheet: the agent sees what they hand out, and that it names nobody. */
export const diagnosticsActions = ({ seat, phoneLink, ui, copy }: Parts) => ({
  copyDiagnostics: async (): Promise<void> => {
    const answer = await phoneLink.call('diagnostics', {});
    const { link, snapshot } = seat.getState();
    const sync = snapshot?.sync;
    const text = diagnosticsText(answer.ok ? answer.value : null, {
      engine: link.kind === 'up' ? 'up' : 'away',
      agent: snapshot?.agent.kind ?? 'unknown',
      sync: sync?.kind ?? 'unknown',
      waiting: sync === undefined ? null : sync.waiting,
      practice: snapshot?.session.kind === 'signedIn' && snapshot.session.practice,
    });
    const isCopied = await copy(text).then(
      () => true,
      () => false,
    );
    ui.setState({ overlay: 'diagnostics', diagnostics: { text, isCopied } });
  },
});
