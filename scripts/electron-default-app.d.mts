export const DEFAULT_APP_FILES: Record<string, string>;
export function packAsar(files: Record<string, string>): Buffer;
