import type { KnownObjection, ScriptStep } from '../../../shared/script.ts';
import type { ContactView } from '../../../shared/seat.ts';
import type { Language } from '../../../shared/text.ts';
import type { ToldItems } from '../orders/disclosures.tsx';
import type { Ui } from '../ui-store.ts';

export type ScriptProps = {
  readonly script: NonNullable<ContactView['script']>;
  readonly step: ScriptStep | undefined;
  /** From the first answer to the end of the call; null: not yet. */
  readonly spokenMs: { readonly from: number | null; readonly until: number | null };
  readonly spoken: Language;
  readonly objections: Ui['objections'];
  /** In the order of their digits. */
  readonly known: readonly KnownObjection[];
  /** R42: what was disclosed in this call. */
  readonly told: ToldItems;
  readonly onTell: (stepId: string, itemId: string) => void;
  /** To the order, after the script of a tariff; null: there is nothing to sell. */
  readonly onOrder: (() => void) | null;
  /** The field behind a variable that was shown and is masked again (R44); null: it is missing for another reason. */
  readonly hiddenField: (variable: string) => string | null;
  readonly onShow: (key: string) => void;
  readonly onAnswer: (answerId: string | null) => void;
  readonly onBack: () => void;
  readonly onObjections: () => void;
  readonly onObjection: (id: string) => void;
  readonly onCloseObjections: () => void;
  readonly onWrapUp: () => void;
};
