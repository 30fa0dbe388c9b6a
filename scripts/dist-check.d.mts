export function checkBundles(dist: string): readonly string[];
export function inspectPackage(folder: string, flavour: 'release' | 'test'): readonly string[];
export function standInRuntime(folder: string): string;
