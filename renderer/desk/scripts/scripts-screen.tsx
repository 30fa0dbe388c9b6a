import { useEffect, useState } from 'react';
import { useStore } from 'zustand';
import { useDesk, useWords } from '../context.tsx';
import type { SignedIn } from '../view.ts';
import { aroundOf } from './around.ts';
import { Editor } from './editor.tsx';
import { blankEntry, blankScript, variantOf } from './script-edits.ts';
import { ScriptLists, type Section } from './script-lists.tsx';
import './scripts.css';

/** Scripts for leads (R14): the list, and the version on the table. Loaded when it is first opened. */
export const ScriptsScreen = ({ session }: { readonly session: SignedIn }) => {
  const { scripts } = useDesk();
  const words = useWords();
  const { t } = words;
  const { list, uses, open, why } = useStore(scripts.store);
  const [section, show] = useState<Section>('scripts');
  const around = aroundOf(list, uses, words.language, words.named);
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
        <ScriptLists
          list={list}
          uses={uses}
          around={around}
          section={section}
          onShow={show}
          onOpen={(id, version) => void scripts.open(id, version)}
          onNew={() => void scripts.begin(section === 'library' ? blankEntry() : blankScript())}
        />
      ) : (
        <Editor
          key={`${open.version.script.id}@${open.version.script.version}`}
          open={open}
          list={list}
          around={around}
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
