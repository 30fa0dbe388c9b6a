import type { Readable } from 'node:stream';
import { SaxesParser } from 'saxes';
import { openPromise } from 'yauzl';
import type { Entry, ZipFile } from 'yauzl';
import { reasons } from './reasons.ts';
import { SourceBroken } from './source.ts';

/** The door to yauzl and saxes: the parts of a workbook, each as events of its XML while it is unpacked. */

/** yauzl holds the parts to the sizes they state, so these cannot be got round (zip bombs). */
const mostParts = 10_000;
const mostPartBytes = 4 * 1024 ** 3;
const mostTogetherBytes = 8 * 1024 ** 3;

export type Element = { readonly name: string; readonly attributes: Readonly<Record<string, string>> };
export type XmlEvents = {
  readonly open?: (element: Element) => void;
  readonly text?: (text: string) => void;
  readonly close?: (name: string) => void;
};

export type Workbook = {
  readonly has: (part: string) => boolean;
  /**
   * Parses one part as it is unpacked, calling back element by element, without namespace prefixes.
   * @yields share of the part that was read, after each piece
   * @throws SourceBroken
   */
  readonly parse: (part: string, events: XmlEvents) => AsyncGenerator<number>;
  readonly close: () => void;
};

/** @throws SourceBroken */
export const openWorkbook = async (path: string): Promise<Workbook> => {
  const zip = await openPromise(path, { lazyEntries: true, autoClose: false }).catch((fault: unknown) => {
    throw damaged(fault);
  });
  const parts = await partsOf(zip).catch((fault: unknown) => {
    zip.close();
    throw fault;
  });
  return {
    has: (part) => parts.has(part),
    close: () => zip.close(),
    async *parse(part, events) {
      const entry = parts.get(part);
      if (entry === undefined) throw new SourceBroken(reasons.notWorkbook(part));
      let stream: Readable | undefined;
      try {
        stream = await zip.openReadStreamPromise(entry);
        yield* parseXml(stream, entry.uncompressedSize, events);
      } catch (fault) {
        throw fault instanceof SourceBroken ? fault : damaged(fault);
      } finally {
        stream?.destroy();
      }
    },
  };
};

const damaged = (fault: unknown): SourceBroken =>
  new SourceBroken(reasons.notWorkbook(fault instanceof Error ? fault.message.slice(0, 120) : 'zip'), fault);

const partsOf = async (zip: ZipFile): Promise<ReadonlyMap<string, Entry>> => {
  const parts = new Map<string, Entry>();
  let together = 0;
  try {
    for await (const entry of zip.eachEntry()) {
      together += entry.uncompressedSize;
      if (parts.size >= mostParts) throw new SourceBroken(reasons.tooBig('parts', String(mostParts)));
      if (entry.uncompressedSize > mostPartBytes || together > mostTogetherBytes)
        throw new SourceBroken(reasons.tooBig(entry.fileName.slice(0, 80), '4 GiB'));
      parts.set(entry.fileName, entry);
    }
  } catch (fault) {
    throw fault instanceof SourceBroken ? fault : damaged(fault);
  }
  return parts;
};

async function* parseXml(stream: Readable, totalBytes: number, events: XmlEvents): AsyncGenerator<number> {
  // No document types: entities of its own are an error to this parser, never expanded.
  const parser = new SaxesParser<{ xmlns: false; position: false }>({ xmlns: false, position: false });
  parser.on('error', (fault) => {
    throw fault;
  });
  parser.on('opentag', ({ name, attributes }) => events.open?.({ name: local(name), attributes }));
  parser.on('text', (text) => events.text?.(text));
  parser.on('cdata', (text) => events.text?.(text));
  parser.on('closetag', ({ name }) => events.close?.(local(name)));
  const decoder = new TextDecoder('utf-8');
  let bytes = 0;
  for await (const chunk of stream) {
    const read = chunk as Buffer;
    bytes += read.length;
    parser.write(decoder.decode(read, { stream: true }));
    yield bytes / totalBytes;
  }
  parser.close();
}

const local = (name: string): string => name.slice(name.indexOf(':') + 1);
