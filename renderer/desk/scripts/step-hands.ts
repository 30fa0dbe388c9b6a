import type { Script } from '../../../shared/script.ts';
import { addStep, removeStep } from './script-edits.ts';

/** What the form shows. */
export type Chosen = { readonly kind: 'script' | 'objections' } | { readonly kind: 'step'; readonly id: string };

/** Adding and taking away steps, the same from the outline and from the graph: what is new is chosen, or what stood beside what went. */
export const stepHands = (
  script: Script,
  onEdit: (script: Script) => void,
  onChoose: (chosen: Chosen) => void,
): { readonly add: (afterId: string) => void; readonly remove: (id: string) => void } => ({
  add: (afterId) => {
    const made = addStep(script, afterId);
    onEdit(made.script);
    onChoose({ kind: 'step', id: made.id });
  },
  remove: (id) => {
    const index = script.steps.findIndex((step) => step.id === id);
    const near = script.steps[index + 1] ?? script.steps[index - 1];
    if (near === undefined) return;
    onEdit(removeStep(script, id));
    onChoose({ kind: 'step', id: near.id });
  },
});
