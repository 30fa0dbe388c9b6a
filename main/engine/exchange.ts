import { linesType } from '../../shared/central-api.ts';

/** One request to central and its answer, as bytes. The seat's network is central-client.ts and this; a load's runs it on a thread of its own. */
export type Asked = {
  readonly url: string;
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
};
export type Answer = {
  readonly status: number;
  /** In lower case, without parameters; '' for none. */
  readonly type: string;
  readonly retryAfter: string | null;
  readonly date: string | null;
  /** Undefined when the answer is of none of the types we read, too large or cut short. */
  readonly bytes: Uint8Array | undefined;
};

/** What a page of the change feed may come as. */
export const pageTypes: readonly string[] = [linesType, 'application/json'];

const sizeCap = 32 * 1024 * 1024;

/** @throws when central is not reached, or `signal` was given */
export const exchange = async (
  { url, method, headers, body }: Asked,
  types: readonly string[],
  signal: AbortSignal,
): Promise<Answer> => {
  const response = await fetch(url, {
    method,
    // A redirect is somebody else's answer (captive portals); it must not carry our token away.
    redirect: 'manual',
    signal,
    headers,
    ...(body === undefined ? {} : { body }),
  });
  const type = (response.headers.get('content-type') ?? '').toLowerCase().split(';')[0]?.trim() ?? '';
  return {
    ...{ status: response.status, type },
    ...{ retryAfter: response.headers.get('retry-after'), date: response.headers.get('date') },
    bytes: await bytesOf(response, types.includes(type), signal),
  };
};

const bytesOf = async (response: Response, isOurs: boolean, signal: AbortSignal): Promise<Uint8Array | undefined> => {
  if (!isOurs || response.body === null) {
    await response.body?.cancel();
    return undefined;
  }
  try {
    const pieces: Uint8Array[] = [];
    let size = 0;
    // Counted after decompression, so that a small bomb does not become a large one.
    for await (const piece of response.body) {
      size += piece.length;
      if (size > sizeCap) return undefined; // leaving the loop cancels the rest
      pieces.push(piece);
    }
    return Buffer.concat(pieces);
  } catch (fault) {
    if (signal.aborted) throw fault;
    return undefined;
  }
};
