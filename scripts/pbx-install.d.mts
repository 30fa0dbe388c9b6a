export type Asterisk = {
  /** Program and leading arguments. */
  readonly command: readonly string[];
  readonly moduleDir: string;
  readonly dataDir: string;
  readonly version: string;
  readonly origin: 'machine' | 'cache';
};
export declare class PbxUnavailable extends Error {}
export declare const asteriskCache: () => string;
export declare const findAsterisk: () => Asterisk | undefined;
export declare const whyNoAsterisk: () => string | undefined;
export declare const provideAsterisk: (tell: (line: string) => void) => Promise<Asterisk>;
export declare const setpriv: string;
