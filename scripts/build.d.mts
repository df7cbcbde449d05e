export const projectRoot: string;
export function isBuildStale(root?: string): boolean;
export function buildAll(root?: string): Promise<void>;
export function ensureBuilt(options?: { log?: (line: string) => void }): Promise<void>;
