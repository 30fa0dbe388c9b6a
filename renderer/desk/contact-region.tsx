import { useCallback, useMemo } from 'react';
import { useStore } from 'zustand';
import { useDesk, useMinute, useSnapshot, useUi, useWords } from './context.tsx';
import { CustomerPane } from './customer/customer-pane.tsx';
import type { SignedIn } from './view.ts';
import { dateTime } from './format.ts';
import { ScriptView } from './script/script-step.tsx';
import { afterPaint } from './after-paint.ts';
import { usePainted } from './parts/use-painted.ts';
import { useStanding } from './standing.ts';
import { askFocus, type FlowStep } from './ui-store.ts';
import { VerificationStep, wantedClass } from './verification/verification-step.tsx';
import {
  callInHand,
  currentStep,
  flowOf,
  hiddenField,
  isLive,
  objectionsNow,
  spokenLanguage,
  topicOf,
  whoIs,
} from './view.ts';
import { CalledIn } from './tasks/called-in.tsx';
import { Flow } from './work/flow.tsx';
import { Topics } from './work/topics.tsx';
import { NoteField } from './wrap-up/note-field.tsx';
import { WrapUp } from './wrap-up/wrap-up.tsx';
import { AccountAction } from './work/account-action.tsx';
import { actionOf } from '../../shared/classes.ts';
import { follow } from '../../shared/disposition.ts';
import { followUpOf } from '../../shared/follow-up.ts';
import type { ContactView } from '../../shared/seat.ts';
import { mayDo } from '../../shared/degraded.ts';
import { mayAct } from '../../shared/verification.ts';
import type { ContactId, CustomerId } from '../../shared/ids.ts';
import type { Desk } from './desk.ts';
import { stageOf } from '../../shared/order.ts';
import { OrderRegion } from './orders/order-regions.tsx';
import { orderInHand } from './orders/sale-progress.ts';
import { inLanguage } from '../../shared/text.ts';

/**
 * The contact in hand: customer on the left, the work as one flow on the right, wrap-up below. Who calls is on the screen first; what is
 * worked with after the greeting comes with the next frame.
 */
export const ContactRegion = ({ session }: { readonly session: SignedIn }) => {
  const isPainted = usePainted();
  return (
    <div className="contact">
      <Title />
      <CustomerRegion session={session} />
      {isPainted ? (
        <>
          <WorkRegion session={session} />
          <WrapUpRegion />
        </>
      ) : null}
    </div>
  );
};

const Title = () => <h1 className="visually-hidden">{useWords().t('rail.desk')}</h1>;

const useContact = () =>
  useSnapshot((snapshot) => {
    if (snapshot.contact === null) throw new Error('no contact in hand');
    return snapshot.contact;
  });

const CustomerRegion = ({ session }: { readonly session: SignedIn }) => {
  const desk = useDesk();
  const { actions, preciseNow } = desk;
  const view = useContact();
  const on = useMemo(() => paneActions(desk), [desk]);
  const declined = useUi((now) => now.declined);
  const topic = useSnapshot(topicOf);
  const asOfMs = useSnapshot((snapshot) => snapshot.asOfMs);
  const live = useStore(desk.phone, (phone) => phone.state.calls.some(isLive));
  const committed = useCallback(
    (contactId: ContactId) => afterPaint(() => actions.painted(contactId, preciseNow())),
    [actions, preciseNow],
  );
  return (
    <CustomerPane
      key={view.contact.id}
      view={view}
      declined={declined}
      asOfMs={asOfMs}
      policy={session.policy}
      wanted={topic?.fields ?? noFields}
      mayDial={!live && view.contact.endedAtMs === null}
      {...on}
      onCommitted={committed}
    />
  );
};

const noFields: readonly string[] = [];

/** The same ones for as long as the desk is: what a step of the script changed nothing of is not drawn anew. */
const paneActions = ({ ui, actions, history }: Desk) => ({
  onIdentify: (customerId: CustomerId | null) => void actions.identify(customerId),
  onDial: (customerId: CustomerId, index: number) => void actions.dialCustomer(customerId, index),
  onFind: () => {
    ui.setState({ side: 'find' });
    askFocus(ui, 'find');
  },
  onPast: (contactId: ContactId) => {
    history.open(contactId);
    ui.setState({ history: true });
  },
  onShow: (key: string) => void actions.showField(key),
  onSetField: actions.setField,
  onRefuse: () => void actions.refuseMarketing(),
  onManager: (name: string) => void actions.transfer(name),
});

const WorkRegion = ({ session }: { readonly session: SignedIn }) => {
  const { ui } = useDesk();
  const { t, language } = useWords();
  const order = useSnapshot((snapshot) => orderInHand(snapshot)?.row);
  const isKnown = useSnapshot((snapshot) => snapshot.contact?.contact.customerId != null);
  const hasScript = useSnapshot((snapshot) => (snapshot.contact?.script ?? null) !== null);
  const topic = useSnapshot(topicOf);
  const at = useSnapshot(flowOf);
  const level = useSnapshot((snapshot) => snapshot.contact?.verification.level ?? 1);
  const isOver = useSnapshot((snapshot) => snapshot.contact?.contact.endedAtMs != null);
  const byHand = useUi((now) => now.flow);
  const shown = isOver && byHand === 'verify' ? at : (byHand ?? at);
  return (
    <section className="work">
      <CalledIn />
      <Flow
        shown={shown}
        at={at}
        topicName={topic === undefined ? null : inLanguage(topic.name, language)}
        topicClass={topic?.class ?? null}
        level={level}
        isOver={isOver}
        order={order === undefined ? null : t(`order.stage.${stageOf(order)}`)}
        hasScript={hasScript}
        mayOrder={isKnown}
        onGo={(flow) => ui.setState({ flow, factor: null, objections: { kind: 'closed' } })}
      />
      {/* A new step begins at its top. */}
      <div key={shown} className="work-step">
        <Step session={session} shown={shown} />
      </div>
    </section>
  );
};

const Step = ({ session, shown }: { readonly session: SignedIn; readonly shown: FlowStep }) => {
  switch (shown) {
    case 'topic':
      return <TopicRegion />;
    case 'verify':
      return <VerifyRegion session={session} />;
    case 'order':
      return <OrderRegion />;
    case 'script':
      return (
        <>
          <ActionRegion session={session} />
          <ScriptRegion />
        </>
      );
  }
};

const TopicRegion = () => {
  const { actions } = useDesk();
  const view = useContact();
  const topics = useSnapshot((snapshot) => snapshot.reference.topics);
  return (
    <Topics
      topics={topics}
      queue={view.contact.queue}
      chosen={view.contact.topicId}
      onChoose={(topicId) => void actions.chooseTopic(topicId)}
    />
  );
};

const useSpoken = () => {
  const view = useContact();
  const { language } = useWords();
  return spokenLanguage(
    whoIs(
      view,
      useUi((now) => now.declined),
    ),
    language,
  );
};

const VerifyRegion = ({ session }: { readonly session: SignedIn }) => {
  const { ui, actions } = useDesk();
  const view = useContact();
  const topic = useSnapshot(topicOf);
  const factor = useUi((now) => now.factor);
  const checked = useUi((now) => now.checked);
  const codeExpiresAtMs = useUi((now) => now.codeExpiresAtMs);
  const recording = useSnapshot((snapshot) => snapshot.recording);
  const wanted = wantedClass(topic?.class ?? 2);
  const allowed = mayDo(wanted === 2 ? 'verifyClass2' : 'verifyClass3', useStanding());
  return (
    <VerificationStep
      wanted={wanted}
      action={actionOf(topic)}
      verifying={view.verifying}
      notNow={allowed.kind === 'no' ? allowed.refusal : null}
      verification={view.verification}
      policy={session.policy}
      identified={view.contact.customerId !== null}
      spoken={useSpoken()}
      factor={factor}
      checked={checked}
      codeExpiresAtMs={codeExpiresAtMs}
      onFactor={(next) => {
        ui.setState({ factor: next, checked: null });
        askFocus(ui, 'factor');
      }}
      recording={recording}
      onSecret={actions.pauseRecording}
      onSecretOver={actions.resumeRecording}
      onTry={actions.tryFactor}
      onSendCode={actions.sendCode}
      onKeypad={actions.keypad}
      onKeypadCancel={() => void actions.keypadCancel()}
      onCallBack={actions.stopAndCallBack}
      onAskOverride={actions.askOverride}
      onSkip={() => ui.setState({ flow: 'script', factor: null })}
    />
  );
};

const ActionRegion = ({ session }: { readonly session: SignedIn }) => {
  const { actions } = useDesk();
  const view = useContact();
  const action = actionOf(useSnapshot(topicOf));
  const allowed = mayDo('verifyClass3', useStanding());
  if (action === undefined || view.contact.endedAtMs !== null) return null;
  return (
    <AccountAction
      key={action}
      action={action}
      isProven={mayAct(view.verification, action, session.policy, 0)}
      notNow={allowed.kind === 'no' ? allowed.refusal : null}
      onDo={(value) => actions.changeAccount(action, value)}
    />
  );
};

const ScriptRegion = () => {
  const { ui, actions } = useDesk();
  const { t } = useWords();
  const view = useContact();
  const objections = useUi((now) => now.objections);
  const spoken = useSpoken();
  const close = (): void => ui.setState({ objections: { kind: 'closed' } });
  if (view.script === null) return <p className="plain-note">{t('script.none')}</p>;
  return (
    <ScriptView
      script={view.script}
      step={currentStep(view)}
      spokenMs={{ from: view.script.run.taken[0]?.atMs ?? null, until: view.contact.endedAtMs }}
      spoken={spoken}
      objections={objections}
      known={objectionsNow(view)}
      told={view.contact.told ?? []}
      onTell={(stepId, itemId) => void actions.tellItem(stepId, itemId)}
      onOrder={view.script.script.tariffId === undefined ? null : () => ui.setState({ flow: 'order' })}
      hiddenField={(variable) => hiddenField(view, variable)}
      onShow={(key) => void actions.showField(key)}
      onAnswer={(answerId) => void actions.answerStep(answerId)}
      onBack={() => void actions.stepBack()}
      onObjections={() => ui.setState({ objections: { kind: 'list' } })}
      onObjection={(id) => ui.setState({ objections: { kind: 'one', id } })}
      onCloseObjections={close}
      onWrapUp={() => {
        ui.setState({ drawer: 'open' });
        askFocus(ui, 'disposition');
      }}
    />
  );
};

const WrapUpRegion = () => {
  const desk = useDesk();
  const { ui, actions } = desk;
  const view = useContact();
  const disposition = useStore(desk.draft, (now) => now.disposition);
  const agent = useSnapshot((snapshot) => snapshot.agent);
  const drawer = useUi((now) => now.drawer);
  const isOpen = agent.kind === 'wrapUp' || drawer === 'open';
  const refusal = useUi((now) => now.unfinished);
  const calls = useStore(desk.phone, (phone) => phone.state.calls);
  const wrapping = agent.kind === 'wrapUp' && !isLive(callInHand(calls, view.contact.id));
  const follows = useFollows(view, disposition);
  return (
    <WrapUp
      key={view.contact.id}
      open={isOpen}
      note={<NoteField rows={isOpen ? 5 : 1} />}
      disposition={disposition}
      tree={view.tree}
      finding={view.finding}
      deadlineMs={wrapping ? agent.deadlineMs : null}
      refusal={refusal}
      onChoose={actions.chooseDisposition}
      onToggle={() => {
        ui.setState({ drawer: drawer === 'open' ? 'strip' : 'open' });
        if (drawer === 'strip') askFocus(ui, 'disposition');
      }}
      onFinish={() => void actions.finish()}
      quality={view.contact.quality}
      follows={follows}
    />
  );
};

/** R28: "will be called back 11-30 Mon 10:00", before it is finished. */
const useFollows = (view: ContactView, path: readonly string[]): string | null => {
  const { t, language } = useWords();
  const nowMs = useMinute();
  const work = useSnapshot((snapshot) => snapshot.work);
  const { id, customerId } = view.contact;
  if (customerId === null) return null;
  const refuses = view.match.kind === 'one' && view.match.customer.refusesMarketing;
  const rows = work.rows.map(({ row }) => row);
  const kind = followUpOf(follow(view.tree, [...path])?.at(-1)?.outcome, id, rows, refuses);
  return kind === null ? null : t(`follow.${kind}`, { time: dateTime(work.nextCallMs, nowMs, language) });
};
