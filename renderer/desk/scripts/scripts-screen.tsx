import { useEffect } from 'react';
import { useStore } from 'zustand';
import type { ScriptsResponse } from '../../../shared/script-api.ts';
import { inLanguage } from '../../../shared/text.ts';
import { useDesk, useWords } from '../context.tsx';
import { Button } from '../parts/button.tsx';
import type { SignedIn } from '../view.ts';
import { Editor } from './editor.tsx';
import { blankScript, variantOf } from './script-edits.ts';
import './scripts.css';

/** Scripts for leads (R14): the list, and the version on the table. Loaded when it is first opened. */
export const ScriptsScreen = ({ session }: { readonly session: SignedIn }) => {
  const { scripts } = useDesk();
  const words = useWords();
  const { t } = words;
  const { list, open, why } = useStore(scripts.store);
  useEffect(() => void scripts.load(), [scripts]);
  const nameOf = (id: string): string =>
    list?.names[id] ?? (id === session.agent.id ? session.agent.name : t('scripts.imported'));
  return (
    <section className="scripts" aria-label={t('scripts.region')}>
      {why === null ? null : (
        <p className="plain-note" data-tone="attention" role="alert">
          {words.refusal(why)}
        </p>
      )}
      {open === null ? (
        <ScriptList
          list={list}
          onOpen={(id, version) => void scripts.open(id, version)}
          onNew={() => void scripts.begin(blankScript())}
        />
      ) : (
        <Editor
          key={`${open.version.script.id}@${open.version.script.version}`}
          open={open}
          me={session.agent.id}
          nameOf={nameOf}
          onEdit={scripts.edit}
          onMove={(move, note) => void scripts.move(move, note)}
          onNewVersion={() => void scripts.begin(open.script)}
          onVariant={() => void scripts.begin(variantOf(open.script))}
          onClose={() => void scripts.close()}
        />
      )}
    </section>
  );
};

type Row = ScriptsResponse['scripts'][number];

const ScriptList = (props: {
  readonly list: ScriptsResponse | null;
  readonly onOpen: (id: Row['id'], version: number) => void;
  readonly onNew: () => void;
}) => {
  const { t, language } = useWords();
  return (
    <>
      <header className="script-editor-head">
        <h2>{t('scripts.region')}</h2>
        <span className="spacer" />
        <Button label={t('scripts.new')} tone="main" onPress={props.onNew} />
      </header>
      {props.list === null ? <p role="status">{t('scripts.loading')}</p> : null}
      <ul className="script-list">
        {(props.list?.scripts ?? []).map((row) => (
          <li key={row.id}>
            <strong>{inLanguage(row.title, language) || t('scripts.untitled')}</strong>
            <span className="quiet">
              {t(`scriptKind.${row.kind}`)}
              {row.variantOf === null ? null : ` · ${t('scripts.variantOf', { script: row.variantOf })}`}
            </span>
            <span className="pair">
              {row.versions.slice(0, 4).map(({ version, life }) => (
                <Button
                  key={version}
                  label={t('scripts.openVersion', { version, life: t(`scriptLife.${life.kind}`) })}
                  onPress={() => props.onOpen(row.id, version)}
                />
              ))}
            </span>
          </li>
        ))}
      </ul>
    </>
  );
};
