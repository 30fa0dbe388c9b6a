import { lazy, type ReactNode, Suspense, useState } from 'react';
import type { AgentId } from '../../../shared/ids.ts';
import { movesFor, type ScriptMove } from '../../../shared/script-life.ts';
import type { ScriptsResponse } from '../../../shared/script-api.ts';
import type { Script } from '../../../shared/script.ts';
import { inLanguage } from '../../../shared/text.ts';
import { useWords } from '../context.tsx';
import { Button } from '../parts/button.tsx';
import type { Around } from './around.ts';
import { EntryForm } from './entry-form.tsx';
import { LineField } from './fields.tsx';
import { Outline } from './outline.tsx';
import { ObjectionsForm, ScriptForm } from './script-form.tsx';
import type { OpenScript } from './scripts-store.ts';
import { Changes, Preview, Problems } from './side-views.tsx';
import { StepForm } from './step-form.tsx';
import type { Chosen } from './step-hands.ts';

export type EditorProps = {
  readonly open: OpenScript;
  readonly list: ScriptsResponse | null;
  readonly around: Around;
  readonly me: AgentId;
  readonly nameOf: (id: string) => string;
  readonly onEdit: (script: Script) => void;
  readonly onMove: (move: ScriptMove, note: string) => void;
  readonly onNewVersion: () => void;
  readonly onVariant: () => void;
  readonly onClose: () => void;
};

const views = ['problems', 'preview', 'changes'] as const;
type View = 'form' | (typeof views)[number];

/** A drawing library of its own size: loaded when somebody looks at the graph. */
const ScriptGraph = lazy(async () => ({ default: (await import('./graph.tsx')).ScriptGraph }));

/** One version: outline, form, and beside them what is wrong, how it sounds and what has changed. As a graph the form stands among these. */
export const Editor = (props: EditorProps) =>
  props.open.script.objection === undefined ? <StepsEditor {...props} /> : <EntryEditor {...props} />;

const StepsEditor = (props: EditorProps) => {
  const { t } = useWords();
  const { script, version, coverage } = props.open;
  const [chosen, choose] = useState<Chosen>({ kind: 'script' });
  const [as, showAs] = useState<'outline' | 'graph'>('outline');
  const [view, show] = useState<View>('problems');
  const mayEdit = version.life.kind === 'draft';
  const onChoose = (next: Chosen): void => {
    choose(next);
    if (as === 'graph') show('form');
  };
  const toggle = (): void => {
    showAs(as === 'graph' ? 'outline' : 'graph');
    show(as === 'graph' ? 'problems' : 'form');
  };
  const form = <ChosenForm {...props} chosen={chosen} mayEdit={mayEdit} />;
  return (
    <div className="script-editor">
      <EditorHead {...props} asGraph={as === 'graph'} onGraph={toggle} />
      <div className="script-columns" data-as={as}>
        <Outline
          script={script}
          coverage={coverage}
          chosen={chosen}
          mayEdit={mayEdit}
          onChoose={onChoose}
          onEdit={props.onEdit}
        />
        {as === 'outline' ? (
          form
        ) : (
          <Suspense fallback={<p role="status">{t('scripts.loading')}</p>}>
            <ScriptGraph
              script={script}
              coverage={coverage}
              chosen={chosen}
              mayEdit={mayEdit}
              onChoose={onChoose}
              onEdit={props.onEdit}
              onWrite={() => document.querySelector<HTMLElement>('.script-form textarea')?.focus()}
            />
          </Suspense>
        )}
        <Beside
          {...props}
          views={as === 'graph' ? ['form', ...views] : views}
          view={view}
          form={form}
          onShow={show}
          onGo={onChoose}
        />
      </div>
    </div>
  );
};

/** An entry of the objections library has one sentence: neither outline nor graph. */
const EntryEditor = (props: EditorProps) => {
  const { t } = useWords();
  const [view, show] = useState<View>('problems');
  const { script, version } = props.open;
  return (
    <div className="script-editor">
      <EditorHead {...props} />
      <div className="script-columns" data-as="entry">
        <fieldset className="script-form" disabled={version.life.kind !== 'draft'} aria-label={t('scripts.form')}>
          <EntryForm script={script} list={props.list} onEdit={props.onEdit} />
        </fieldset>
        <Beside {...props} views={views} view={view} form={null} onShow={show} onGo={() => undefined} />
      </div>
    </div>
  );
};

const ChosenForm = (props: EditorProps & { readonly chosen: Chosen; readonly mayEdit: boolean }) => {
  const { t } = useWords();
  const { chosen, around, onEdit } = props;
  const { script } = props.open;
  const step = chosen.kind === 'step' ? script.steps.find(({ id }) => id === chosen.id) : undefined;
  return (
    <fieldset className="script-form" disabled={!props.mayEdit} aria-label={t('scripts.form')}>
      {chosen.kind === 'script' ? <ScriptForm script={script} around={around} onEdit={onEdit} /> : null}
      {chosen.kind === 'objections' ? <ObjectionsForm script={script} around={around} onEdit={onEdit} /> : null}
      {step === undefined ? null : <StepForm key={step.id} script={script} step={step} onEdit={onEdit} />}
    </fieldset>
  );
};

const Beside = (
  props: EditorProps & {
    readonly views: readonly View[];
    readonly view: View;
    readonly form: ReactNode;
    readonly onShow: (view: View) => void;
    readonly onGo: (chosen: Chosen) => void;
  },
) => {
  const { t } = useWords();
  const { script, before } = props.open;
  const { view } = props;
  return (
    <div className="script-beside">
      <div className="pair">
        {props.views.map((one) => (
          <Button key={one} label={t(`scripts.${one}`)} pressed={one === view} onPress={() => props.onShow(one)} />
        ))}
      </div>
      {view === 'form' ? props.form : null}
      {view === 'problems' ? (
        <Problems
          script={script}
          entries={props.around.published}
          onGo={(id) => props.onGo(id === null ? { kind: 'script' } : { kind: 'step', id })}
        />
      ) : null}
      {view === 'preview' ? <Preview script={script} /> : null}
      {view === 'changes' ? <Changes before={before} script={script} /> : null}
    </div>
  );
};

const needsNote: ReadonlySet<ScriptMove> = new Set<ScriptMove>(['sendBack', 'withdraw']);

const EditorHead = (props: EditorProps & { readonly asGraph?: boolean; readonly onGraph?: () => void }) => {
  const { t, language } = useWords();
  const [note, write] = useState('');
  const { version, script, keeping, coverage } = props.open;
  const { life, authors } = version;
  const moves = movesFor(life, props.me, authors);
  return (
    <header className="script-editor-head">
      <Button label={t('scripts.back')} icon="back" tone="quiet" onPress={props.onClose} />
      <h2>{inLanguage(script.title, language) || t('scripts.untitled')}</h2>
      <span className="chip">{t(`scriptLife.${life.kind}`)}</span>
      <span className="quiet figure">{t('script.version', { version: script.version })}</span>
      <span className="quiet">{t('scripts.by', { name: props.nameOf(life.by) })}</span>
      {life.kind === 'draft' ? (
        <span role="status" data-keeping={keeping}>
          {t(`scripts.keeping.${keeping}`)}
        </span>
      ) : null}
      {coverage === null ? null : (
        <span className="quiet figure">
          {t('scripts.coverage', { runs: coverage.runs, finished: coverage.finished, version: coverage.version })}
        </span>
      )}
      <span className="spacer" />
      {props.onGraph === undefined ? null : (
        <Button label={t('scripts.graph')} pressed={props.asGraph === true} onPress={props.onGraph} />
      )}
      {moves.some((move) => needsNote.has(move)) ? (
        <LineField label={t('scripts.note')} value={note} onChange={write} />
      ) : null}
      {moves.map((move) => (
        <Button
          key={move}
          label={t(`scriptMove.${move}`)}
          tone={move === 'publish' || move === 'askReview' ? 'main' : move === 'withdraw' ? 'danger' : 'plain'}
          disabled={needsNote.has(move) && note.trim() === ''}
          onPress={() => props.onMove(move, needsNote.has(move) ? note.trim() : '')}
        />
      ))}
      {life.kind === 'draft' || life.kind === 'review' ? null : (
        <>
          <Button label={t('scripts.newVersion')} onPress={props.onNewVersion} />
          {script.objection === undefined ? (
            <Button label={t('scripts.newVariant')} tone="quiet" onPress={props.onVariant} />
          ) : null}
        </>
      )}
      {'note' in life && life.note !== undefined ? (
        <p className="plain-note" data-tone="attention">
          {t('scripts.noteSaid', { name: props.nameOf(life.by), note: life.note })}
        </p>
      ) : null}
    </header>
  );
};
