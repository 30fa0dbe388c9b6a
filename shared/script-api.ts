import { z } from 'zod';
import { ScriptId, TaskId } from './ids.ts';
import { LibraryUse, Script, Topic } from './script.ts';
import { Text } from './text.ts';
import { ScriptLife, scriptMoves } from './script-life.ts';

/** Writing scripts (R14): leads and managers only. What is published goes to the seats by the change feed, not by these. */
const one = { scriptId: ScriptId, version: z.coerce.number().int().positive() };

/** Every script of the tenant with its versions, newest first; those thrown away are left out. `names`: agents by their ids. */
export const ScriptsResponse = z.object({
  scripts: z
    .array(
      z.object({
        ...Script.pick({ id: true, title: true, kind: true }).shape,
        /** Of which script it is a variant; null: of none. */
        variantOf: ScriptId.nullable(),
        /** An entry of the objections library; and the entries a script refers to. Absent: of neither. */
        objection: Script.shape.objection,
        library: z.array(LibraryUse).max(40).optional(),
        versions: z.array(z.object({ version: z.number().int(), life: ScriptLife })).max(1_000),
      }),
    )
    .max(2_000),
  names: z.record(z.string(), z.string().max(40)),
});
export type ScriptsResponse = z.infer<typeof ScriptsResponse>;

export const ScriptVersionRequest = z.object(one);
export const ScriptVersion = z.object({
  script: Script,
  life: ScriptLife,
  /** Everybody who wrote in this version: none of them publishes it. */
  authors: z.array(z.string().max(64)).max(100),
  /** Counts changes; whoever changes it says which one they saw. */
  revision: z.number().int(),
});
export type ScriptVersion = z.infer<typeof ScriptVersion>;

/** What a new script is called until central gives it its id. */
export const newScriptId: ScriptId = ScriptId.parse('new');
/** `revision: null` begins a draft, and central gives it its number; else it changes the draft that was seen at this revision. */
export const ScriptSaveRequest = z.object({ script: Script, revision: z.number().int().nullable() });
export const ScriptSaved = z.object({ ...one, revision: z.number().int() });
export type ScriptSaved = z.infer<typeof ScriptSaved>;

export const ScriptMoveRequest = z.object({
  ...one,
  revision: z.number().int(),
  move: z.enum(scriptMoves),
  /** Why it is sent back or withdrawn. */
  note: z.string().max(400).optional(),
});
export const ScriptMoved = z.object({ life: ScriptLife, revision: z.number().int() });

/** Coverage of a version: in how many calls a step was shown, and in how many it was the last one. A step left out was never reached. */
export const ScriptCoverage = z.object({
  runs: z.number().int(),
  finished: z.number().int(),
  steps: z
    .array(z.object({ stepId: z.string().max(40), reached: z.number().int(), leftAt: z.number().int() }))
    .max(200),
});
export type ScriptCoverage = z.infer<typeof ScriptCoverage>;

/** Which script which call gets (R17): the published ones without their words, and what calls come by. */
export const ScriptUsesResponse = z.object({
  scripts: z
    .array(
      Script.pick({ id: true, version: true, title: true, kind: true, variant: true, shownFor: true, objection: true }),
    )
    .max(2_000),
  topics: z.array(Topic).max(2_000),
  queues: z.array(z.object({ id: z.string().max(64), name: Text })).max(500),
  /** That are not over. */
  tasks: z.array(z.object({ id: TaskId, title: z.string().max(80), scriptId: ScriptId.nullable() })).max(500),
});
export type ScriptUsesResponse = z.infer<typeof ScriptUsesResponse>;

export const scriptRoutes = {
  scripts: { method: 'GET', path: '/v1/scripts', request: z.object({}), response: ScriptsResponse },
  scriptUses: { method: 'GET', path: '/v1/scripts/uses', request: z.object({}), response: ScriptUsesResponse },
  scriptVersion: { method: 'GET', path: '/v1/scripts/version', request: ScriptVersionRequest, response: ScriptVersion },
  scriptSave: { method: 'POST', path: '/v1/scripts/save', request: ScriptSaveRequest, response: ScriptSaved },
  scriptMove: { method: 'POST', path: '/v1/scripts/move', request: ScriptMoveRequest, response: ScriptMoved },
  scriptCoverage: {
    method: 'GET',
    path: '/v1/scripts/coverage',
    request: ScriptVersionRequest,
    response: ScriptCoverage,
  },
} as const;
