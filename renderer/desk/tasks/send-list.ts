import { listLine, type ListEntry, type ListFault, type ListRead } from '../../../shared/list-text.ts';
import { ok, type Result } from '../../../shared/result.ts';
import type { ListPasted } from '../../../shared/task-api.ts';

/** Lines and characters of one part: well under a second at central, and far from what one message may hold. */
const most = { lines: 2_000, characters: 200_000 };

export type ListTaken = {
  readonly listId: string;
  readonly added: number;
  readonly known: number;
  /** In the list already. */
  readonly before: number;
  readonly faults: readonly ListFault[];
};

/**
 * Part after part under one name; what was taken stays taken, so that after a failure the same list can be sent once more.
 * @param taken told after every part how many lines are done
 */
export const sendList = async (
  read: ListRead,
  send: (text: string) => Promise<Result<ListPasted>>,
  taken: (lines: number) => void,
): Promise<Result<ListTaken>> => {
  let all: ListTaken = { listId: '', added: 0, known: 0, before: 0, faults: read.faults };
  let done = 0;
  for (const part of partsOf(read.entries)) {
    const answer = await send(part.map(listLine).join('\n'));
    if (!answer.ok) return answer;
    const { listId, added, known, faults, faulty } = answer.value;
    // Central reads by the same rule: only a newer one finds something here.
    const own = faults.flatMap(({ line, reason }): ListFault[] => {
      const entry = part[line - 1];
      return entry === undefined ? [] : [{ line: entry.line, reason, source: listLine(entry) }];
    });
    all = {
      ...{ listId, added: all.added + added, known: all.known + known },
      ...{ before: all.before + part.length - added - faulty, faults: [...all.faults, ...own] },
    };
    done += part.length;
    taken(done);
  }
  return ok(all);
};

const partsOf = (entries: readonly ListEntry[]): readonly (readonly ListEntry[])[] => {
  const parts: ListEntry[][] = [];
  let characters = Number.POSITIVE_INFINITY;
  for (const entry of entries) {
    const own = listLine(entry).length + 1;
    const part = parts.at(-1);
    if (part === undefined || part.length >= most.lines || characters + own > most.characters) {
      parts.push([entry]);
      characters = own;
    } else {
      part.push(entry);
      characters += own;
    }
  }
  return parts;
};
