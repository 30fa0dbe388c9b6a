import type { ScriptsResponse, ScriptUsesResponse } from '../../../shared/script-api.ts';
import { objectionCategories } from '../../../shared/script.ts';
import { inLanguage } from '../../../shared/text.ts';
import { useWords } from '../context.tsx';
import { Button } from '../parts/button.tsx';
import { type Around, usersOf } from './around.ts';
import { Assignment } from './assignment.tsx';

const sections = ['scripts', 'library', 'assignment'] as const;
export type Section = (typeof sections)[number];
type Row = ScriptsResponse['scripts'][number];
type Props = {
  readonly list: ScriptsResponse | null;
  readonly uses: ScriptUsesResponse | null;
  readonly around: Around;
  readonly section: Section;
  readonly onShow: (section: Section) => void;
  readonly onOpen: (id: Row['id'], version: number) => void;
  readonly onNew: () => void;
};

/** The scripts, the answers they share, and which call gets which script. */
export const ScriptLists = (props: Props) => {
  const { t } = useWords();
  const { list, section } = props;
  return (
    <>
      <header className="script-editor-head">
        <h2>{t('scripts.region')}</h2>
        <span className="pair">
          {sections.map((one) => (
            <Button
              key={one}
              label={t(`scripts.section.${one}`)}
              pressed={one === section}
              onPress={() => props.onShow(one)}
            />
          ))}
        </span>
        <span className="spacer" />
        {section === 'assignment' ? null : (
          <Button
            label={t(section === 'library' ? 'scripts.newEntry' : 'scripts.new')}
            tone="main"
            onPress={props.onNew}
          />
        )}
      </header>
      {list === null ? <p role="status">{t('scripts.loading')}</p> : null}
      {section === 'scripts' ? (
        <Rows {...props} rows={(list?.scripts ?? []).filter(({ objection }) => objection === undefined)} />
      ) : null}
      {section === 'library' ? <Library {...props} /> : null}
      {section !== 'assignment' ? null : props.uses === null ? (
        <p role="status">{t('assignment.unknown')}</p>
      ) : (
        <Assignment uses={props.uses} around={props.around} onOpen={props.onOpen} />
      )}
    </>
  );
};

const Rows = (props: Props & { readonly rows: readonly Row[] }) => {
  const { t, language } = useWords();
  const about = (row: Row): string => {
    if (row.objection === undefined) return t(`scriptKind.${row.kind}`);
    const users = usersOf(props.list, row.id);
    const names = users.map(({ title }) => inLanguage(title, language)).join(t('listComma'));
    return users.length === 0 ? t('scripts.usedByNone') : t('scripts.usedBy', { count: users.length, names });
  };
  return (
    <ul className="script-list">
      {props.rows.map((row) => (
        <li key={row.id}>
          <strong>{inLanguage(row.title, language) || t('scripts.untitled')}</strong>
          <span className="quiet">
            {about(row)}
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
  );
};

/** By what customers object about. */
const Library = (props: Props) => {
  const { t } = useWords();
  const entries = (props.list?.scripts ?? []).filter(({ objection }) => objection !== undefined);
  if (props.list !== null && entries.length === 0) return <p className="quiet">{t('scripts.noEntriesYet')}</p>;
  return (
    <>
      {objectionCategories.map((category) => {
        const rows = entries.filter(({ objection }) => objection?.category === category);
        return rows.length === 0 ? null : (
          <section key={category} aria-label={t(`objectionCategory.${category}`)}>
            <h3>{t(`objectionCategory.${category}`)}</h3>
            <Rows {...props} rows={rows} />
          </section>
        );
      })}
    </>
  );
};
