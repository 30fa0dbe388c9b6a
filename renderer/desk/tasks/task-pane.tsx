import type { ReactNode } from 'react';
import { maskNumber, parseNumber } from '../../../shared/phone-number.ts';
import type { Customer } from '../../../shared/customer.ts';
import type { TaskItem } from '../../../shared/task-api.ts';
import { skipReasons, type SkipReason } from '../../../shared/task.ts';
import { readDueNote } from '../../../shared/task-due.ts';
import type { TaskWork } from '../../../shared/task-work.ts';
import { inLanguage } from '../../../shared/text.ts';
import { useWords } from '../context.tsx';
import { hourAndMinute } from '../format.ts';
import { keyLabels } from '../keys.ts';
import { Button, Choice } from '../parts/button.tsx';
import { Elapsed, Remaining } from '../parts/elapsed.tsx';

export type TaskPaneProps = {
  readonly work: TaskWork;
  /** The tier of whom is shown, and why; R1. */
  readonly tier: string | null;
  /** A sentence why no call can be made now, or null. */
  readonly blocked: string | null;
  readonly queueName: (id: string) => string;
  readonly onTake: (on: boolean) => void;
  readonly onNext: () => void;
  readonly onDial: () => void;
  readonly onSkip: (why: SkipReason) => void;
};

/** R19–R21, R25: whom a task would call next, why, and until when to decide. Nothing here keeps an inbound call away. */
export const TaskPane = (props: TaskPaneProps) => {
  const { t } = useWords();
  const { work } = props;
  return (
    <section className="task" aria-label={t('task.region')} data-kind={work.kind}>
      <header className="task-head">
        <h2>{t('task.title')}</h2>
        <OwnTasks work={work} />
        <span className="spacer" />
        <Button
          label={t(work.kind === 'off' ? 'task.take' : 'task.stop')}
          tone={work.kind === 'off' ? 'plain' : 'quiet'}
          onPress={() => props.onTake(work.kind === 'off')}
        />
      </header>
      {work.kind === 'preview' ? (
        <Preview {...props} work={work} />
      ) : work.kind === 'arriving' ? (
        <div className="task-preview">
          <Who item={work.item} tier={props.tier}>
            <p className="outcome" data-tone="accent" role="status">
              {t('task.arriving')}
            </p>
          </Who>
        </div>
      ) : (
        <Standing {...props} />
      )}
    </section>
  );
};

const OwnTasks = ({ work }: { readonly work: TaskWork }) => {
  const { t } = useWords();
  if (work.kind !== 'preview' && work.kind !== 'nobody') return null;
  return (
    <span className="quiet figure">
      {work.tasks.map(({ taskId, title, waiting, done }) => (
        <span key={taskId} className="task-own">
          {t('task.own', { title, done, waiting })}
        </span>
      ))}
    </span>
  );
};

/** No customer on view: one sentence why, and what to do about it. */
const Standing = ({ work, onNext, queueName }: TaskPaneProps) => {
  const { t, named } = useWords();
  switch (work.kind) {
    case 'off':
      return <p className="quiet">{t('task.off')}</p>;
    case 'asking':
      if (work.shift !== undefined) return <Shifted shift={work.shift} queue={queueName(work.shift.queue)} />;
      return (
        <p className="quiet" role="status">
          {t('task.asking')}
        </p>
      );
    case 'nobody':
      if (work.shift !== undefined) return <Shifted shift={work.shift} queue={queueName(work.shift.queue)} />;
      // R25: central calls; asking again brings nobody sooner.
      if (work.why === 'callComing')
        return (
          <p className="task-nobody" role="status">
            {t('reason.callComing')}
          </p>
        );
      return (
        <p className="task-nobody" role="status">
          <span>{named('reason', work.why, t('reason.taskNobodyNow'))}</span>
          <Button label={t('task.next')} hint={keyLabels.next} onPress={onNext} />
        </p>
      );
    default:
      return <p className="quiet">{t('task.aside')}</p>;
  }
};

/** R19: callers first; why, since when, and that nothing has to be done about it. */
const Shifted = (props: { readonly shift: NonNullable<Nobody['shift']>; readonly queue: string }) => {
  const { t } = useWords();
  const { why, sinceMs } = props.shift;
  return (
    <div className="task-nobody task-shifted">
      <p role="status">
        <span className="badge" data-tone="attention">
          {t('task.shifted')}
        </span>
        <span>{t(`task.shift.${why}`, { queue: props.queue, since: hourAndMinute(sinceMs) })}</span>
      </p>
      <p className="quiet">
        <Elapsed sinceMs={sinceMs} /> <span>{t('task.shiftEnds')}</span>
      </p>
    </div>
  );
};

type Nobody = Extract<TaskWork, { readonly kind: 'nobody' }>;
type Shown = Extract<TaskWork, { readonly kind: 'preview' }>;

/** Whom it is about, and why them. */
const Who = (props: { readonly item: TaskItem; readonly tier: string | null; readonly children: ReactNode }) => {
  const { t, named, language } = useWords();
  const { item } = props;
  return (
    <div className="task-who">
      <p className="task-name" role="status">
        {nameOf(item, t('task.prospect'))}
        <span className="figure quiet">{shownNumber(item.number)}</span>
      </p>
      <p>
        {item.title}
        {item.offer === '' ? null : <span className="quiet task-mode">{item.offer}</span>}
      </p>
      <ul className="task-why" aria-label={t('task.why')}>
        {item.why.map(({ key, params }) => (
          <li key={key}>{named('task.why', key, key, params)}</li>
        ))}
        {props.tier === null ? null : <li>{props.tier}</li>}
        {item.customer?.roaming === true ? <li data-tone="attention">{t('task.roaming')}</li> : null}
        <Noted note={item.note} />
        {item.customer === null ? null : (
          <li>
            {[
              inLanguage(item.customer.area, language),
              t(item.customer.language === 'en' ? 'task.speaks.en' : 'task.speaks.zh'),
            ]
              .filter(Boolean)
              .join(' · ')}
          </li>
        )}
      </ul>
      {props.children}
    </div>
  );
};

/** R24, R3, R4: what is due, in words; or what the list said. */
const Noted = ({ note }: { readonly note: string }) => {
  const { t } = useWords();
  const due = readDueNote(note);
  if (due !== null)
    return due.map(({ kind, what }) => <li key={`${kind}${what}`}>{t(`task.due.${kind}`, { what })}</li>);
  return note === '' ? null : <li>{t('task.note', { note })}</li>;
};

const Preview = (props: Omit<TaskPaneProps, 'work'> & { readonly work: Shown }) => {
  const { t } = useWords();
  const { work, blocked } = props;
  const { item } = work;
  return (
    <div className="task-preview">
      <Who item={item} tier={props.tier}>
        <p className="outcome" data-tone={blocked === null ? 'accent' : 'danger'} role="status">
          {blocked ?? t('task.may')}
        </p>
      </Who>
      <div className="task-act">
        <p className="task-box">
          <span>{t(item.mode === 'progressive' ? 'task.dialsIn' : 'task.decideIn')}</span>
          <Remaining untilMs={work.boxEndsAtMs} soonMs={5_000} />
        </p>
        <Button
          label={t('task.dial')}
          hint={keyLabels.answer}
          icon="phone"
          tone="main"
          disabled={blocked !== null}
          onPress={props.onDial}
        />
        <div className="task-skip" role="group" aria-label={t('task.skip')}>
          <span className="quiet">{t('task.skip')}</span>
          {skipReasons.map((why, n) => (
            <Choice key={why} digit={n + 1} label={t(`task.skip.${why}`)} onPress={() => props.onSkip(why)} />
          ))}
        </div>
      </div>
    </div>
  );
};

const nameOf = ({ customer, prospect }: TaskItem, otherwise: string): string =>
  customer?.nameMasked ?? (prospect === '' ? otherwise : prospect);
/** R44: the agent need not know the number to call it. */
const shownNumber = (key: Customer['id'] | string): string => {
  const parsed = parseNumber(key);
  return 'national' in parsed ? maskNumber(parsed.national) : key;
};
