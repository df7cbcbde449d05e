// The one owner of desktop-state.json: where the window was, its theme, and what was explained already.
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Static } from 'typebox';
import * as Type from 'typebox';
import { Check } from 'typebox/value';
import type { DesktopLog } from './desktop-log.js';

const bounds = Type.Object({ x: Type.Number(), y: Type.Number(), width: Type.Number(), height: Type.Number() });

const schema = Type.Object({
  bounds: Type.Optional(bounds),
  isMaximized: Type.Optional(Type.Boolean()),
  theme: Type.Optional(Type.Union([Type.Literal('system'), Type.Literal('light'), Type.Literal('dark')])),
  /** The user was told that closing the window leaves the gateway running. */
  wasCloseExplained: Type.Optional(Type.Boolean()),
});

export type DesktopState = Static<typeof schema>;

export interface DesktopStateFile {
  get(): DesktopState;
  /** Merges and saves at once. */
  update(change: Partial<DesktopState>): void;
}

/** A missing or damaged file counts as empty: nothing in it is worth refusing to start. */
export function openDesktopState(file: string, log: DesktopLog): DesktopStateFile {
  let state = readState(file, log);
  return {
    get: () => state,
    update(change) {
      state = { ...state, ...change };
      try {
        writeState(file, state);
      } catch (error) {
        log.warn('the window state could not be saved', { err: error });
      }
    },
  };
}

function readState(file: string, log: DesktopLog): DesktopState {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (Check(schema, value)) return value;
    log.warn('the window state has an unknown form and is started anew');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
      log.warn('the window state cannot be read and is started anew', { err: error });
    }
  }
  return {};
}

function writeState(file: string, state: DesktopState): void {
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  const temporary = `${file}.${process.pid}.tmp`;
  writeFileSync(temporary, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 });
  renameSync(temporary, file);
}
