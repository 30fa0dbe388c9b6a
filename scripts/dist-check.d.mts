export function checkBundles(dist: string): readonly string[];
export function inspectPackage(folder: string, flavour: 'release' | 'test'): readonly string[];
/** Starts the packed thread that reads pages, in Node, from a copy in `scratch` of what is in the package. */
export function startPackedThread(folder: string, scratch: string): Promise<readonly string[]>;
export function standInRuntime(folder: string): string;
