import type { Supervised } from '../../../shared/supervision.ts';
import { useWords } from '../context.tsx';
import { Elapsed } from '../parts/elapsed.tsx';

/** At the agent's desk, when the policy shows it: who is in the call, by shape and word, without alarm (R35). */
export const SupervisedMark = ({ supervised }: { readonly supervised: Supervised }) => {
  const { t } = useWords();
  return (
    <span className="mark-live" data-kind="supervised" data-mode={supervised.mode}>
      <svg className="icon" viewBox="0 0 16 16" width="14" height="14" aria-hidden="true" focusable="false">
        <path d="M1.500 8c2.500-5 10.500-5 13 0c-2.500 5-10.500 5-13 0zM8 6a2 2 0 1 1 0 4a2 2 0 0 1 0-4" />
      </svg>
      <span role="status">{t(`supervised.${supervised.mode}`)}</span>
      <Elapsed sinceMs={supervised.sinceMs} />
    </span>
  );
};
