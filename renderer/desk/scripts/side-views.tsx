import { useState } from 'react';
import { checkScript, type Problem } from '../../../shared/script-check.ts';
import { diffScripts, type ScriptChange } from '../../../shared/script-diff.ts';
import { limitSeconds, longestWay } from '../../../shared/script-length.ts';
import { sampleVariables } from '../../../shared/script-variables.ts';
import type { Script } from '../../../shared/script.ts';
import { nextRun, startRun } from '../../../shared/script.ts';
import { inLanguage, type Language, languages } from '../../../shared/text.ts';
import { useWords } from '../context.tsx';
import type { Words } from '../i18n.ts';
import { Button, Choice } from '../parts/button.tsx';
import { Sentence } from '../script/sentence.tsx';

/** What the checker finds, each a way to its step (R15, R16, R42). */
export const Problems = (props: {
  readonly script: Script;
  /** Published entries of the objections library. */
  readonly entries: ReadonlySet<string>;
  readonly onGo: (stepId: string | null) => void;
}) => {
  const { t } = useWords();
  const problems = checkScript(props.script, props.entries);
  return (
    <section aria-label={t('scripts.problems')} className="script-side">
      <Length script={props.script} />
      {problems.length === 0 ? <p role="status">{t('scripts.noProblems')}</p> : null}
      <ul className="script-problems">
        {problems.map((problem, index) => (
          <li key={`${index}:${problem.kind}`} data-severity={problem.severity}>
            <button type="button" className="link-row" onClick={() => props.onGo(problem.stepId)}>
              <strong>{t(`scripts.${problem.severity}`)}</strong> <ProblemText problem={problem} />
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
};

const ProblemText = ({ problem }: { readonly problem: Problem }) => {
  const { t, named } = useWords();
  const about = problem.about ?? '';
  const prefixes = {
    missingPart: 'part',
    waivedButThere: 'part',
    unknownVariable: 'variable',
    missingDisclosure: 'disclosure',
    emptyText: 'scriptLanguage',
  } as const;
  const { kind } = problem;
  const name = kind in prefixes ? named(prefixes[kind as keyof typeof prefixes], about, about) : about;
  const sentence = kind === 'emptyText' && problem.stepId === null ? 'emptyTextHere' : kind;
  return (
    <span>
      {t(`scriptProblem.${sentence}`, { step: problem.stepId ?? '', about: name, seconds: problem.seconds ?? 0 })}
    </span>
  );
};

const Length = ({ script }: { readonly script: Script }) => {
  const { t } = useWords();
  const minutes = (seconds: number): string =>
    `${Math.floor(seconds / 60)}:${String(Math.round(seconds) % 60).padStart(2, '0')}`;
  return (
    <p className="figure">
      {t('scripts.length', {
        zh: minutes(longestWay(script, 'zh-CN').seconds),
        en: minutes(longestWay(script, 'en').seconds),
        limit: minutes(limitSeconds(script.kind)),
      })}
    </p>
  );
};

const nothingHidden = (): null => null;

/** The script as an agent would go through it, on a made-up customer. */
export const Preview = ({ script }: { readonly script: Script }) => {
  const { t, language } = useWords();
  const [spoken, speakIn] = useState<Language>(language);
  const [run, go] = useState(() => startRun(script));
  const step = script.steps.find(({ id }) => id === run.stepId);
  const answer = (answerId: string | null): void => {
    if (step === undefined) return;
    const next = nextRun(run, { kind: 'answered', stepId: step.id, answerId, atMs: 0 }, script);
    if (next.ok) go(next.value);
  };
  return (
    <section aria-label={t('scripts.preview')} className="script-side">
      <div className="pair">
        {languages.map((one) => (
          <Button key={one} label={t(`scriptLanguage.${one}`)} pressed={one === spoken} onPress={() => speakIn(one)} />
        ))}
        <Button label={t('scripts.fromStart')} tone="quiet" onPress={() => go(startRun(script))} />
      </div>
      {step === undefined ? (
        <p>{t('scripts.previewEnd')}</p>
      ) : (
        <>
          <p className="quiet">{t(`part.${step.part}`)}</p>
          <Sentence
            text={step.say}
            variables={sampleVariables(spoken)}
            spoken={spoken}
            // A made-up customer hides nothing.
            hiddenField={nothingHidden}
            onShow={nothingHidden}
          />
          {step.answers.length === 0 ? (
            <Button label={t('script.next')} tone="main" onPress={() => answer(null)} />
          ) : (
            step.answers.map((one, index) => (
              <Choice
                key={one.id}
                digit={index + 1}
                label={inLanguage(one.label, spoken)}
                onPress={() => answer(one.id)}
              />
            ))
          )}
        </>
      )}
    </section>
  );
};

/** What is different from the version published before. */
export const Changes = (props: { readonly before: Script | null; readonly script: Script }) => {
  const { t } = useWords();
  const changes = props.before === null ? [] : diffScripts(props.before, props.script);
  const none = t(props.before === null ? 'scripts.nothingBefore' : 'scripts.noChanges');
  return (
    <section aria-label={t('scripts.changes')} className="script-side">
      {changes.length === 0 ? <p>{none}</p> : null}
      <ul className="script-changes">
        {changes.map((change) => (
          <li key={`${change.of}:${change.id}:${change.how}:${change.what}`}>
            <ChangeRow change={change} />
          </li>
        ))}
      </ul>
    </section>
  );
};

/** `answer:yes:zh` as "answer yes, Chinese". */
const whatWords = (what: string, { t, named }: Words): string => {
  const [head = '', ...rest] = what.split(':');
  const last = rest.at(-1) ?? '';
  const language = languageOf[last];
  const aspect = language === undefined ? named('scriptWhat', last, '') : t(`scriptLanguage.${language}`);
  const id = (aspect === '' ? rest : rest.slice(0, -1)).join(':');
  return [[named('scriptWhat', head, head), id].filter((word) => word !== '').join(' '), aspect]
    .filter((word) => word !== '')
    .join(t('listComma'));
};
const languageOf: Readonly<Record<string, Language | undefined>> = { zh: 'zh-CN', en: 'en' };

const ChangeRow = ({ change }: { readonly change: ScriptChange }) => {
  const words = useWords();
  const { t } = words;
  return (
    <>
      <strong>
        {t(`scriptChange.${change.how}`, { what: t(`scriptChange.of.${change.of}`), id: change.id ?? '' })}
      </strong>
      {change.what === null ? null : <span className="quiet">{whatWords(change.what, words)}</span>}
      {change.before === null ? null : <del>{change.before}</del>}
      {change.after === null ? null : <ins>{change.after}</ins>}
    </>
  );
};
