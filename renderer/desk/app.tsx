import { useEffect } from 'react';
import { useStore } from 'zustand';
import { useDesk, useSeat, useUi, useWords } from './context.tsx';
import { DeskScreen } from './desk-screen.tsx';
import { Button } from './parts/button.tsx';
import { DiagnosticsSheet } from './diagnostics/diagnostics-sheet.tsx';
import { KeySheet } from './shell/key-sheet.tsx';
import { SignIn } from './sign-in/sign-in.tsx';

/** Which screen: reaching the engine, away in another window, signing in, or the desk. */
export const App = () => {
  const { ui } = useDesk();
  const { t, language } = useWords();
  const keysOpen = useUi(({ overlay }) => overlay === 'keys');
  const copied = useUi(({ overlay, diagnostics }) => (overlay === 'diagnostics' ? diagnostics : null));
  useEffect(() => {
    document.documentElement.lang = language;
    document.title = t('app.title');
  }, [language, t]);
  return (
    <>
      <Screen />
      {keysOpen ? <HelpRegion /> : null}
      {copied === null ? null : <DiagnosticsSheet {...copied} onClose={() => ui.setState({ overlay: null })} />}
    </>
  );
};

const HelpRegion = () => {
  const { ui, actions, tour } = useDesk();
  const place = useUi(({ helpAt }) => helpAt);
  const practice = useSeat(({ snapshot }) => snapshot?.session.kind === 'signedIn' && snapshot.session.practice);
  const begin = (): void => {
    ui.setState({ overlay: null });
    tour.start();
  };
  return (
    <KeySheet
      place={place}
      onClose={() => ui.setState({ overlay: null })}
      onCopy={actions.copyDiagnostics}
      onTour={practice ? begin : null}
    />
  );
};

const Screen = () => {
  const desk = useDesk();
  const { t } = useWords();
  const link = useSeat((seat) => seat.link);
  const session = useSeat((seat) => seat.snapshot?.session ?? null);
  const door = useUi((now) => now.door);
  const hasCall = useStore(desk.phone, ({ state }) => state.calls.some((call) => call.state.kind !== 'ended'));
  const theme = useStore(desk.preferences, (preferences) => preferences.theme);
  if (link.kind === 'away')
    return (
      <main className="fullnote">
        <h1>{t('away.title')}</h1>
        <p>{t(link.why === 'callRunningElsewhere' ? 'away.callRunning' : 'away.text')}</p>
        <Button label={t('away.take')} tone="main" onPress={desk.actions.takeSeat} />
      </main>
    );
  if (session === null)
    return (
      <main className="fullnote" aria-busy="true">
        <h1>{t('app.name')}</h1>
        <p role="status">{t(link.kind === 'lost' ? 'link.engineLost' : 'link.connecting')}</p>
      </main>
    );
  if (session.kind === 'signedOut')
    return (
      <SignIn
        samples={session.samples}
        ended={session.ended}
        company={session.company}
        passwordsOff={session.passwordsOff === true}
        onHangUp={hasCall ? () => void desk.actions.hangUp() : undefined}
        door={door}
        theme={theme}
        onSignIn={(agentNumber, password) => void desk.actions.signIn(agentNumber, password)}
        onTakeOver={() => void desk.actions.leaveOtherSeat()}
        onCompany={() => void desk.actions.companySignIn()}
        onCompanyTakeOver={() => void desk.actions.companyTakeOver()}
        onCompanyCancel={() => void desk.actions.companyCancel()}
        onLanguage={(language) => desk.preferences.setState({ language })}
        onTheme={(next) => desk.preferences.setState({ theme: next })}
      />
    );
  return <DeskScreen session={session} />;
};
