/** The code that says the registry was not reached, or undefined. */
export function networkFailure(npmOutput: string): string | undefined;

/** Name of the registry package that carries the Node binary for a computer. */
export function nodePackage(platform: string, arch: string): string;

/** Where downloads of an account are kept. */
export function cacheRoot(env: Record<string, string | undefined>, platform: string, home: string): string;
