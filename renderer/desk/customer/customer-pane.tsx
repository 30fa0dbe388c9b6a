import { useEffect } from 'react';
import type { EditableField } from '../../../shared/profile.ts';
import type { Customer } from '../../../shared/customer.ts';
import type { Refusal } from '../../../shared/result.ts';
import type { ContactId, CustomerId } from '../../../shared/ids.ts';
import type { Policy } from '../../../shared/policy.ts';
import type { ContactView } from '../../../shared/seat.ts';
import { useWords } from '../context.tsx';
import { maskedNumber } from '../format.ts';
import { Button } from '../parts/button.tsx';
import { Icon } from '../parts/icon.tsx';
import { usePainted } from '../parts/use-painted.ts';
import { whoIs, type Who } from '../view.ts';
import { Candidates, Confirm } from './candidates.tsx';
import { AsOf } from './as-of.tsx';
import { Cases } from './cases.tsx';
import { Fields } from './fields.tsx';
import { Greeting } from './greeting.tsx';
import { Hints } from './hints.tsx';
import { Identity } from './identity.tsx';
import { NoMarketing } from './no-marketing.tsx';
import { Notices } from './notices.tsx';
import { ProfileForm } from './profile-form.tsx';
import { Timeline } from './timeline.tsx';

export type CustomerPaneProps = {
  readonly view: ContactView;
  readonly declined: ContactView['contact']['id'] | null;
  readonly policy: Policy;
  /** When the seat last had all that central knows of its working set. */
  readonly asOfMs: number | null;
  /** Fields the chosen topic is about. */
  readonly wanted: readonly string[];
  /** Can a number be dialled now (no call in hand). */
  readonly mayDial: boolean;
  readonly onIdentify: (customerId: CustomerId | null) => void;
  readonly onDial: (customerId: CustomerId, numberIndex: number) => void;
  readonly onFind: () => void;
  /** A contact of the timeline is to be seen whole. */
  readonly onPast: (contactId: ContactId) => void;
  readonly onShow: (key: string) => void;
  readonly onSetField: (key: EditableField, value: string) => Promise<Refusal | null>;
  /** "Do not call me" (R22). */
  readonly onRefuse: () => void;
  /** R4: hands the call over to whom this name belongs. */
  readonly onManager: (name: string) => void;
  /** Once per contact, after its first commit. */
  readonly onCommitted: (contactId: ContactView['contact']['id']) => void;
};

/**
 * The screen pop: warnings first, then exactly what to say, then who it is and why they may be calling. What is looked up during the
 * talk (fields, numbers, timeline) is below, and drawn a frame later.
 */
export const CustomerPane = (props: CustomerPaneProps) => {
  const { t, language } = useWords();
  const { view, onCommitted } = props;
  const who = whoIs(view, props.declined);
  const contactId = view.contact.id;
  useEffect(() => onCommitted(contactId), [onCommitted, contactId]);
  const match =
    who.kind === 'nobody' && who.why === 'declined' ? ({ kind: 'none', why: 'unknown' } as const) : matchOf(view, who);
  return (
    <section className="customer" aria-label={t('customer.region')}>
      {who.kind === 'customer' && who.customer.list === 'black' ? (
        <p className="black" role="note">
          <Icon name="warn" />
          <span>{t('list.black.long')}</span>
        </p>
      ) : null}
      <Notices notices={view.notices} />
      {/* Said long ago once the call is over; who it was comes up in its place. */}
      {view.contact.endedAtMs === null ? (
        <Greeting match={match} direction={view.contact.direction} otherwise={language} />
      ) : null}
      {view.source === 'unavailable' ? <p className="plain-note">{t('source.unavailable')}</p> : null}
      {who.kind === 'nobody' ? <Nobody why={who.why} onFind={props.onFind} /> : null}
      {who.kind === 'choose' ? <Candidates customers={who.customers} onPick={props.onIdentify} /> : null}
      {who.kind === 'customer' ? <Known {...props} who={who} /> : null}
    </section>
  );
};

/** One customer picked out of several is greeted as a question until the agent has asked; picked means asked. */
const matchOf = (view: ContactView, who: Who): ContactView['match'] =>
  who.kind === 'customer' && view.match.kind === 'several'
    ? { kind: 'one', customer: who.customer, certainty: 'certain' }
    : view.match;

const Known = (props: CustomerPaneProps & { readonly who: Extract<Who, { kind: 'customer' }> }) => {
  const { view, policy, who } = props;
  const isPainted = usePainted();
  const { customer, settled } = who;
  const fullName = view.revealed['fullName'];
  const isInCall = view.contact.answeredAtMs !== null && view.contact.endedAtMs === null;
  return (
    <>
      {view.source === 'seat' ? <AsOf atMs={props.asOfMs} /> : null}
      {settled ? null : <Confirm onYes={() => props.onIdentify(customer.id)} onNo={() => props.onIdentify(null)} />}
      <Identity
        customer={customer}
        policy={policy}
        name={fullName ?? customer.nameMasked}
        onManager={isInCall ? props.onManager : null}
      />
      <Cases cases={customer.cases} />
      <Hints customer={customer} policy={policy} />
      {isPainted ? <LookedUp {...props} isInCall={isInCall} /> : null}
    </>
  );
};

const noOrders: NonNullable<Customer['orders']> = [];
const noOptOuts: NonNullable<Customer['optOuts']> = [];

const LookedUp = (
  props: CustomerPaneProps & { readonly who: Extract<Who, { kind: 'customer' }>; readonly isInCall: boolean },
) => {
  const { t } = useWords();
  const { view, who } = props;
  const { customer, settled } = who;
  return (
    <>
      <Fields
        customer={customer}
        level={view.verification.level}
        revealed={view.revealed}
        openUntilMs={view.verifying.openUntilMs}
        wanted={props.wanted}
        mayShow={props.isInCall}
        contactId={view.contact.id}
        onShow={props.onShow}
      />
      {settled ? <ProfileForm key={customer.id} customer={customer} onSave={props.onSetField} /> : null}
      {settled && !customer.refusesMarketing ? <NoMarketing onRefuse={props.onRefuse} /> : null}
      <section className="block" aria-label={t('numbers.region')}>
        <h3>{t('numbers.region')}</h3>
        <ul className="numbers">
          {customer.numbers.map((number, index) => (
            <li key={number.key}>
              <span className="figure">{maskedNumber(number.key)}</span>
              {number.confidence === 'low' ? <span className="quiet">{t('numbers.low')}</span> : null}
              <span className="spacer" />
              <Button
                label={t('numbers.dial')}
                icon="phone"
                tone="quiet"
                disabled={!props.mayDial}
                onPress={() => props.onDial(customer.id, index)}
              />
            </li>
          ))}
        </ul>
      </section>
      <Timeline
        history={view.history}
        cases={customer.cases}
        orders={customer.orders ?? noOrders}
        optOuts={customer.optOuts ?? noOptOuts}
        onOpen={props.onPast}
      />
    </>
  );
};

const Nobody = (props: {
  readonly why: 'unknown' | 'withheld' | 'malformed' | 'declined';
  readonly onFind: () => void;
}) => {
  const { t } = useWords();
  return (
    <section className="nobody" aria-label={t('nobody.region')}>
      <h2>{t(`nobody.${props.why}.title`)}</h2>
      <p>{t(`nobody.${props.why}`)}</p>
      <Button label={t('nobody.find')} hint="Ctrl+F" icon="find" onPress={props.onFind} />
    </section>
  );
};
