import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { audioSdp, request } from '../renderer/phone/lab/sip-texts.ts';
import { checkFolder } from './check-folder.ts';
import { corpusFolder } from './corpus.ts';
import { tortures } from './torture.ts';

describe('npm run sip:check', () => {
  let folder: string;
  let said: string[];
  let noted: string[];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'zuoxi-sip-check-'));
    [said, noted] = [[], []];
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const check = (path = folder): Promise<boolean> =>
    checkFolder(
      path,
      (line) => said.push(line),
      (line) => noted.push(line),
    );

  it('one line per file, folders within folders, milliseconds, the sum', async () => {
    mkdirSync(join(folder, 'a/b'), { recursive: true });
    writeFileSync(join(folder, 'a/b/good'), request('INVITE', {}, audioSdp()));
    writeFileSync(join(folder, 'a/noise.bin'), new Uint8Array([0xff, 0x00, 0x80]));
    writeFileSync(join(folder, 'plain.sip'), request('INVITE', {}, audioSdp({ 'm=audio': 'm=audio 9 RTP/AVP 0' })));
    writeFileSync(join(folder, 'refer.sip'), request('REFER', { 'Refer-To': '<sip:1@b>' }));
    expect(await check()).toBe(true);
    expect(said.map((line) => line.replace(/[\d.]+ ms$/, 'N ms'))).toEqual([
      'a/b/good  accepted  N ms',
      'a/noise.bin  refused (guard: binary)  N ms',
      'plain.sip  refused (description: plainMedia)  N ms',
      'refer.sip  refused (guard: 405 REFER)  N ms',
      '4 passed, 0 failed',
    ]);
    expect(noted.join()).toMatch(/first message of this process took/);
  });

  it('bytes as they are: a file with LF only, one with a byte too many', async () => {
    writeFileSync(join(folder, 'lf'), request('OPTIONS').replaceAll('\r\n', '\n'));
    writeFileSync(join(folder, 'more'), `${request('OPTIONS')} `);
    await check();
    expect(said[0]).toMatch(/^lf {2}refused \(guard: startLine\)/);
    expect(said[1]).toMatch(/^more {2}refused \(guard: contentType\)/);
  });

  it('the whole corpus passes', async () => {
    expect(await check(corpusFolder)).toBe(true);
    expect(said.at(-1)).toBe(`${tortures.length} passed, 0 failed`);
  });

  it('a folder that is none says so in a sentence', async () => {
    expect(await check(join(folder, 'nowhere'))).toBe(false);
    writeFileSync(join(folder, 'file'), '');
    expect(await check(join(folder, 'file'))).toBe(false);
    mkdirSync(join(folder, 'empty'));
    expect(await check(join(folder, 'empty'))).toBe(false);
    expect(noted).toEqual([
      `There is no folder ${join(folder, 'nowhere')}.`,
      `${join(folder, 'file')} is a file; name the folder it is in.`,
      `${join(folder, 'empty')} holds no files.`,
    ]);
    expect(said).toEqual([]);
  });

  it('a file that cannot be read is named and fails the run', async () => {
    symlinkSync(join(folder, 'nowhere'), join(folder, 'broken'));
    expect(await check()).toBe(false);
    expect(said[0]).toMatch(/^broken {2}not read: ENOENT/);
    expect(said.at(-1)).toBe('0 passed, 1 failed');
  });
});
