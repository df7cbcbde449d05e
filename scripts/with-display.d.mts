/** True when this machine has a screen that windows can open on. */
export function hasDisplay(platform: string, env: Record<string, string | undefined>): boolean;

/** The command line to run: the given one, or the given one under a virtual screen. */
export function displayCommand(command: string[], platform: string, env: Record<string, string | undefined>): string[];
