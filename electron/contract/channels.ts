// Channel names on Electron's IPC; apart from the schemas, so that the preload stays a few lines.

export const requestChannel = (name: string): string => `hq:request:${name}`;
export const eventChannel = (name: string): string => `hq:event:${name}`;

/** The window's command-line switch that carries the version into the sandboxed preload. */
export const VERSION_SWITCH = '--hq-app-version=';
